import type { RunSnapshot } from '../../../run/state.js';
import type { RunSummary } from '../../../run/summary.js';
import { escapeMrkdwn } from '../kit/text.js';
import { statusText } from './status.js';

/** Why a goal in a run's thread starts nothing: the run isn't over. Says what the run waits for, and how to steer it. */
export function busyThreadText(run: RunSummary, snapshot?: RunSnapshot, link?: string): string {
  const card = link ? `<${link}|its card>` : 'its card';
  const end = `\`Stop\` on ${card}, or \`/agent cancel ${escapeMrkdwn(run.runId)}\`, ends it.`;
  const steer =
    snapshot?.state === 'waiting'
      ? `To change what it does, click \`Request changes\` on ${card} and say what should be different. ${end}`
      : end;
  return [
    'Nothing new was started: this thread’s run is still at it.',
    statusText(run, snapshot),
    steer,
    'When it is over, mention me here again: a new run then goes on from its result.',
  ].join('\n');
}
