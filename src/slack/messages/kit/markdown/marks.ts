/**
 * Marks at the beginning of a line, one for each state of a run. They differ in shape or in colour at the size of text. Others are avoided: the
 * two hourglasses look alike, and the ballot box is a blue cube in places.
 */
export const MARKS = {
  working: ':large_blue_circle:',
  waiting: ':large_yellow_circle:',
  done: ':white_check_mark:',
  stopped: ':octagonal_sign:',
  failed: ':warning:',
  /** Time ran out, or is extended. */
  time: ':alarm_clock:',
  /** The run waits for Slack or the model, and not for people. */
  onHold: ':double_vertical_bar:',
} as const;
