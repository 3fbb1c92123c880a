import { Context } from '@temporalio/activity';
import { RemoteError } from '../platform/errors.js';
import { untilAborted, withTimeout } from '../platform/with-timeout.js';

/** Longest wait for the attempt before, in milliseconds. Each call to Slack ends within 10 s. */
const PATIENCE_MS = 15_000;

/** Activities whose last attempt is remembered. An unknown one only makes the next attempt more careful. */
const MAX_ENDED = 1_000;

/** Attempts that follow one whose end this process has seen. */
const known = new WeakSet<Context>();

/** True if the attempt before this one ended in this process, with an answer. Else a request of it may still be on its way. */
export function endedHere(context: Context): boolean {
  return known.has(context);
}

/**
 * Makes the attempts of one activity run one after the other in this process. Temporal starts the next attempt when heartbeats stay away, for example
 * while its server is down. The one before may still be at work then, and post after the next one has looked for its post. An attempt that is cancelled
 * before its turn does nothing: yet another one may be done by then.
 */
export function createAttempts() {
  const latest = new Map<string, Promise<unknown>>();
  const ended = new Map<string, number>();
  const remember = (activity: string, attempt: number) => {
    ended.delete(activity);
    ended.set(activity, attempt);
    for (const [oldest] of ended) if (ended.size > MAX_ENDED) ended.delete(oldest);
  };

  return async <T>(work: () => Promise<T>): Promise<T> => {
    const context = Context.current();
    const { info, cancellationSignal } = context;
    const { workflowExecution, activityId } = info;
    const activity = `${workflowExecution?.workflowId}/${workflowExecution?.runId}/${activityId}`;
    const before = latest.get(activity);
    const start = async () => {
      if ((ended.get(activity) ?? 0) >= info.attempt - 1) known.add(context);
      try {
        const result = await work();
        remember(activity, info.attempt);
        return result;
      } catch (error) {
        // A server that answers late, or not at all, may still do what it was asked.
        if (!(error instanceof RemoteError && error.code === 'unreachable')) remember(activity, info.attempt);
        throw error;
      }
    };
    const attempt = before ? untilAborted(settled(before), cancellationSignal).then(start) : start();
    // The one before may be at work for longer than this one.
    const all = Promise.allSettled([before, attempt]);
    latest.set(activity, all);
    void all.then(() => latest.get(activity) === all && latest.delete(activity));
    return await attempt;
  };
}

async function settled(before: Promise<unknown>): Promise<void> {
  await withTimeout(
    PATIENCE_MS,
    () => before,
    () => {},
  ).catch(() => {});
}
