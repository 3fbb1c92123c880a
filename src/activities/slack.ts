import { Context } from '@temporalio/activity';
import { RemoteError } from '../platform/errors.js';
import type { Messenger, PostOnce } from './ports.js';
import { runActivity } from './run-activity.js';
import type { Activities } from './types.js';

type SlackActivities = Pick<Activities, keyof Messenger>;

/** Slack's clock and ours may differ by this much, in milliseconds. */
const CLOCK_SKEW_MS = 60_000;

/** Pause before a post is tried again that an operator must make possible, in milliseconds. */
const FIX_RETRY_MS = 10_000;

export function createSlackActivities(messenger: Messenger): SlackActivities {
  const persist = <T>(work: () => Promise<T>) => runActivity(() => untilFixed(work));
  return {
    // Without a card, or a message to decide in, a run must not wait in silence: the requester is told at once what keeps it back.
    postCard: ({ key, ...input }) => runActivity(() => messenger.postCard(input, once(key))),
    postInThread: ({ key, ...input }) => runActivity(() => messenger.postInThread(input, once(key))),
    updateCard: (input) => persist(() => messenger.updateCard(input)),
    updateInThread: (input) => persist(() => messenger.updateInThread(input)),
    postResult: ({ key, ...input }) => persist(() => messenger.postResult(input, once(key))),
    remindApprovers: ({ key, ...input }) => persist(() => messenger.remindApprovers(input, once(key))),
    notifyApprovers: ({ key, ...input }) => persist(() => messenger.notifyApprovers(input, once(key))),
    updateNotices: (input) => persist(() => messenger.updateNotices(input)),
    sendPrivately: (input) => persist(() => messenger.sendPrivately(input)),
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
