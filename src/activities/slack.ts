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

/** How long a post waits for an operator to mend what keeps it back, before it is tried again, in milliseconds. */
const MENDED_AFTER_MS = 10_000;

export function createSlackActivities(messenger: Messenger): SlackActivities {
  const speak = <T>(work: () => Promise<T>) => runActivity(work);
  const persist = <T>(work: () => Promise<T>) => speak(() => untilMended(work));
  return {
    // Without its card a run must not wait in silence: the requester is told at once what keeps it back.
    postCard: ({ channel, thread, key, card, replaces, previous }) => {
      const before = {
        ...(replaces && { card: replaces }),
        ...(previous && { planned: previous }),
        ...(thread && { thread }),
      };
      return speak(() => messenger.postCard(channel, card, once(key), before));
    },
    updateCard: ({ ref, card }) => persist(() => messenger.updateCard(ref, card)),
    postResult: ({ thread, key, ...result }) =>
      persist(() => messenger.postResult(thread, result, once(key))),
    remindApprovers: ({ what, thread, key, card, at }) =>
      persist(() => messenger.remindApprovers(what, thread, card, once(key), at)),
    notifyApprovers: ({ card, at, key, told }) =>
      persist(() => messenger.notifyApprovers(card, at, told, once(key))),
    updateNotices: ({ card, at, messages }) => persist(() => messenger.updateNotices(card, at, messages)),
    // Without it people can't decide: the run is told at once what keeps it back.
    postInThread: ({ thread, key, message }) =>
      speak(() => messenger.postInThread(thread, message, once(key))),
    updateInThread: ({ ref, message }) => persist(() => messenger.updateInThread(ref, message)),
    tellPerson: ({ to, runId, origin, word }) => persist(() => messenger.tellPerson(to, runId, origin, word)),
  };
}

/** Makes a failure that an operator can end, such as a revoked token, one that is tried again. */
async function untilMended<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RemoteError && error.operatorCanFix)) throw error;
    const traits = { retryable: true, retryAfterMs: MENDED_AFTER_MS };
    throw new RemoteError(error.code, error.message, traits, { cause: error });
  }
}

/** From the second attempt on, the first may have posted although its answer was lost. */
function once(key: string): PostOnce {
  const { attempt, scheduledTimestampMs } = Context.current().info;
  return attempt > 1 ? { key, lookSince: scheduledTimestampMs - CLOCK_SKEW_MS } : { key };
}
