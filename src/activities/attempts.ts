import { Context } from '@temporalio/activity';
import { untilAborted, withTimeout } from '../platform/with-timeout.js';

/** Longest wait for the attempt before, in milliseconds. Each call to Slack ends within 10 s. */
const PATIENCE_MS = 15_000;

/**
 * Makes the attempts of one activity run one after the other in this process. Temporal starts the next attempt when heartbeats stay away, for example
 * while its server is down. The one before may still be at work then, and post after the next one has looked for its post. An attempt that is cancelled
 * before its turn does nothing: yet another one may be done by then.
 */
export function createAttempts() {
  const latest = new Map<string, Promise<unknown>>();

  return async <T>(work: () => Promise<T>): Promise<T> => {
    const { info, cancellationSignal } = Context.current();
    const { workflowExecution, activityId } = info;
    const activity = `${workflowExecution?.workflowId}/${workflowExecution?.runId}/${activityId}`;
    const before = latest.get(activity);
    const attempt = before ? untilAborted(settled(before), cancellationSignal).then(work) : work();
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
