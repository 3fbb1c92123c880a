import type { RunView } from '../../../run/run-view.js';
import { FROM_SCHEDULE, stateText } from '../home/state-text.js';
import { code, factLine, moment, oneLine } from '../kit/text.js';

/** Reply to `/agent list`. `links` lead to each run's message, by its short id. */
export function listReply(runs: RunView[], links: ReadonlyMap<string, string> = new Map()): string {
  if (runs.length === 0) return 'No runs yet. `/agent <goal>` starts one.';
  return [
    'Your runs and those you may approve, newest first:',
    ...runs.map((run) => runLine(run, links)),
  ].join('\n');
}

function runLine(run: RunView, links: ReadonlyMap<string, string>): string {
  const { shortId, title, goal, schedule, startedAt, state, expiresAt } = run;
  const link = links.get(shortId);
  const facts = factLine(
    stateText(run),
    state === 'waiting' && expiresAt ? `until ${moment(expiresAt)}` : `started ${moment(startedAt)}`,
    schedule !== undefined && FROM_SCHEDULE,
    link && `<${link}|Open>`,
    `run ${code(shortId)}`,
  );
  return `• ${oneLine(title ?? goal, 80)}: ${facts}`;
}
