import type { WebClient } from '@slack/web-api';
import type { Person } from '../../../approval/person.js';
import { resultOf } from '../../../run/follow-up.js';
import type { FollowUp } from '../../../run/run.js';
import { permalink } from '../../client/web.js';
import { stillAtItWords } from '../../messages/private/in-thread.js';
import { maySee } from '../../permissions/permissions.js';
import { type Answer, type Asked, startRun } from '../commands/start-run.js';
import type { ListenerContext, RunInThread } from '../context.js';
import { NOT_YOUR_THREAD } from '../refusals.js';

/**
 * What a goal comes to in a thread: a run of its own where the thread has none, a follow-up once the newest one is over, and until then
 * word of what that one waits for.
 */
export async function startInThread(
  context: ListenerContext,
  client: WebClient,
  goal: string,
  asked: Asked,
  newest: RunInThread | undefined,
): Promise<Answer> {
  // Slack brings a mention again whose acknowledgement was lost: the thread's newest run is its own by then.
  if (!newest || newest.runId === asked.runId) return await startRun(context, goal, asked);
  const followUp = await finished(context, client, asked.requester, newest);
  if (typeof followUp === 'string') return { words: { text: followUp }, started: false };
  return await startRun(context, goal, { ...asked, followUp });
}

/** What came of a thread's run, once it is over; or why this person can't go on from it, in words. */
export async function finished(
  context: ListenerContext,
  client: WebClient,
  asker: Person,
  { runId, memo, ended, card, followUp }: RunInThread,
): Promise<FollowUp | string> {
  if (!(await maySee(context, client, memo, asker))) return NOT_YOUR_THREAD;
  if (ended) return followUp;
  const { runs } = context;
  const [run, snapshot] = await Promise.all([runs.describe(runId), runs.snapshot(runId)]);
  if (run?.status === 'RUNNING') {
    const at = snapshot?.card ?? card;
    return stillAtItWords(run, snapshot, at && (await permalink(client, at)));
  }
  // It was terminated in Temporal, or the ledger was away at its end.
  const end = run && (await runs.end(runId));
  if (end?.kind === 'outcome') return { ...followUp, result: resultOf(end.outcome) };
  if (end?.kind === 'failed') return { ...followUp, result: resultOf({ state: 'failed', ...end }) };
  return followUp;
}
