import { Context } from '@temporalio/activity';
import { beating } from './beat.js';
import { withFailures } from './failures.js';
import type { Messenger, PostOnce } from './ports.js';
import type { Activities } from './types.js';

type SlackActivities = Pick<Activities, 'postCard' | 'updateCard' | 'postResult' | 'tellPerson'>;

/** Slack's clock and ours may differ by this much, in milliseconds. */
const CLOCK_SKEW_MS = 60_000;

export function createSlackActivities(messenger: Messenger): SlackActivities {
  const speak = <T>(work: () => Promise<T>) => withFailures(() => beating(work));
  return {
    postCard: ({ channel, key, card, replaces }) =>
      speak(() => messenger.postCard(channel, card, once(key), replaces)),
    updateCard: ({ ref, card }) => speak(() => messenger.updateCard(ref, card)),
    postResult: ({ thread, key, ...result }) => speak(() => messenger.postResult(thread, result, once(key))),
    tellPerson: ({ to, runId, origin, word }) => speak(() => messenger.tellPerson(to, runId, origin, word)),
  };
}

/** From the second attempt on, the first may have posted although its answer was lost. */
function once(key: string): PostOnce {
  const { attempt, scheduledTimestampMs } = Context.current().info;
  return attempt > 1 ? { key, lookSince: scheduledTimestampMs - CLOCK_SKEW_MS } : { key };
}
