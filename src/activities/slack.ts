import { Context } from '@temporalio/activity';
import { RemoteError } from '../errors.js';
import type { Messenger, PostOnce } from './ports.js';
import { runActivity } from './run-activity.js';
import type { Activities } from './types.js';

type SlackActivities = Pick<
  Activities,
  | 'postCard'
  | 'updateCard'
  | 'postResult'
  | 'tellPerson'
  | 'remindApprovers'
  | 'notifyApprovers'
  | 'updateNotices'
  | 'postInThread'
  | 'updateInThread'
>;

/** Slack's clock and ours may differ by this much, in milliseconds. */
const CLOCK_SKEW_MS = 60_000;

/** Pause before a post is tried again that an operator must make possible, in milliseconds. */
const FIX_RETRY_MS = 10_000;

export function createSlackActivities(messenger: Messenger): SlackActivities {
  const persevere = <T>(work: () => Promise<T>) => runActivity(() => untilFixed(work));
  return {
    // Without its card a run must not wait in silence: the requester is told at once what keeps it back.
    postCard: ({ channel, thread, key, card, replaces, previous }) => {
      const before = {
        ...(replaces && { card: replaces }),
        ...(previous && { planned: previous }),
        ...(thread && { thread }),
      };
      return runActivity(() => messenger.postCard(channel, card, once(key), before));
    },
    updateCard: ({ ref, card }) => persevere(() => messenger.updateCard(ref, card)),
    postResult: ({ thread, key, ...result }) =>
      persevere(() => messenger.postResult(thread, result, once(key))),
    remindApprovers: ({ what, thread, key, card, at }) =>
      persevere(() => messenger.remindApprovers(what, thread, card, once(key), at)),
    notifyApprovers: ({ card, at, key, told }) =>
      persevere(() => messenger.notifyApprovers(card, at, told, once(key))),
    updateNotices: ({ card, at, messages }) => persevere(() => messenger.updateNotices(card, at, messages)),
    // Without it people can't decide: the run is told at once what keeps it back.
    postInThread: ({ thread, key, message }) =>
      runActivity(() => messenger.postInThread(thread, message, once(key))),
    updateInThread: ({ ref, message }) => persevere(() => messenger.updateInThread(ref, message)),
    tellPerson: ({ to, runId, origin, word }) =>
      persevere(() => messenger.tellPerson(to, runId, origin, word)),
  };
}

/** Makes a failure that an operator can end, such as a revoked token, one that is tried again. */
async function untilFixed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RemoteError && error.operatorCanFix)) throw error;
    const traits = { retryable: true, retryAfterMs: FIX_RETRY_MS, cause: error };
    throw new RemoteError(error.code, error.message, traits);
  }
}

/** From the second attempt on, the first may have posted although its answer was lost. */
function once(key: string): PostOnce {
  const { attempt, scheduledTimestampMs } = Context.current().info;
  return attempt > 1 ? { key, lookSince: scheduledTimestampMs - CLOCK_SKEW_MS } : { key };
}
