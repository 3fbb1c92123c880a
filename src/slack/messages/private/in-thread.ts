import type { RunSnapshot } from '../../../run/run.js';
import type { RunSummary } from '../../listeners/context.js';
import { statusWords } from '../home/listing.js';
import { escapeMrkdwn } from '../kit/text.js';

/** Why a goal in a run's thread starts nothing: the run is still at it. What it waits for, and how to steer it. */
export function stillAtItWords(run: RunSummary, snapshot?: RunSnapshot, link?: string): string {
  const card = link ? `<${link}|its card>` : 'its card';
  const end = `\`Stop\` on ${card}, or \`/agent cancel ${escapeMrkdwn(run.runId)}\`, ends it.`;
  const steer =
    snapshot?.state === 'waiting'
      ? `To change what it does, click \`Request changes\` on ${card} and say what should be different. ${end}`
      : end;
  return [
    'Nothing new was started: this thread’s run is still at it.',
    statusWords(run, snapshot),
    steer,
    'When it is over, mention me here again: a new run then goes on from its result.',
  ].join('\n');
}
