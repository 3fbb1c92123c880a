import type { WebClient } from '@slack/web-api';
import { stillAtItWords } from '../../blocks/in-thread.js';
import type { ListenerContext, RunInThread } from '../../ports.js';
import { permalink } from '../../web.js';
import { NOT_YOUR_THREAD } from '../answers.js';
import { type Answer, type Asked, startRun } from '../commands/start-run.js';
import { maySee } from '../near.js';

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
  const stillAtIt = await whyNot(context, client, asked.requester, newest);
  if (stillAtIt) return { text: stillAtIt, started: false };
  return await startRun(context, goal, { ...asked, followUp: newest.followUp });
}

/** Why nobody, or not this person, can follow up on a run; undefined when they can. */
export async function whyNot(
  context: ListenerContext,
  client: WebClient,
  asker: Asked['requester'],
  { runId, memo, ended, card }: RunInThread,
): Promise<string | undefined> {
  if (!(await maySee(context, client, memo, asker))) return NOT_YOUR_THREAD;
  if (ended) return undefined;
  const { runs } = context;
  const [run, snapshot] = await Promise.all([runs.describe(runId), runs.snapshot(runId)]);
  // The ledger hears of no end when a run was terminated in Temporal.
  if (run?.status !== 'RUNNING') return undefined;
  const at = snapshot?.card ?? card;
  return stillAtItWords(run, snapshot, at && (await permalink(client, at)));
}
