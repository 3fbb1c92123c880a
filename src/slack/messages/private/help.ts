/** The answer to `/agent help`. */
export const HELP = [
  '*Countersign* researches a goal, writes a plan, and carries it out once the right people have approved it.',
  '• `/agent <goal>` starts a run: `/agent draft the release notes for 2.4`',
  '• `@countersign <goal>` does so in a thread; under the card of a finished run, it goes on from its result',
  '• `/agent list` shows your runs and those you may approve',
  '• `/agent status <run>` says where a run stands',
  '• `/agent cancel <run>` stops it',
  '• `/agent schedule "every weekday at 9" <goal>` starts a run again and again; you see when before it is saved',
  '• `/agent schedules` shows the schedules, to pause, run now and delete',
  '• `/agent help` shows this. A goal that begins with one of these words goes in quotes.',
].join('\n');
