import { EXAMPLES } from '../../../schedule/timetable-words.js';
import { clip, escapeMrkdwn } from '../kit/text.js';

/** Private replies to `/agent schedule`, and to clicks on a schedule's buttons, that no schedule comes of. */
export const SCHEDULE_HELP = [
  'Say when in quotes, then the goal: `/agent schedule "every weekday at 9" draft the stand-up notes`.',
  `Other times: ${EXAMPLES}.`,
  'To run that as a goal instead, put all of it in quotes.',
].join('\n');

export function timetableNotReadReply(problem: string): string {
  return `:warning: ${escapeMrkdwn(clip(problem, 500))}`;
}

export function scheduleGoalTooLongReply(length: number, limit: number): string {
  return `The goal has ${length} characters; a schedule's can have ${limit}. Shorten it, or name a page that says more.`;
}

export const SCHEDULE_DISCARDED = 'Cancelled: no schedule was saved.';

export function scheduleNotTaken(problem: string): string {
  return `:warning: Temporal does not take this schedule: ${escapeMrkdwn(problem)}. Nothing was saved.`;
}
