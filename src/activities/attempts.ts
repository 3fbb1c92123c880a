import { Context } from '@temporalio/activity';
import { withTimeout } from '../platform/with-timeout.js';

/** Longest wait for the attempt before, in milliseconds. Each call to Slack ends within 10 s. */
const PATIENCE_MS = 15_000;

/**
 * Makes the attempts of one activity run one after the other in this process. Temporal starts the next attempt when heartbeats stay away, for example
 * while its server is down. The one before may still be at work then, and post after the next one has looked for its post.
 */
export function createAttempts() {
  const latest = new Map<string, Promise<unknown>>();

  return async <T>(work: () => Promise<T>): Promise<T> => {
    const { workflowExecution, activityId } = Context.current().info;
    const activity = `${workflowExecution?.workflowId}/${workflowExecution?.runId}/${activityId}`;
    const before = latest.get(activity);
    const attempt = before ? settled(before).then(work) : work();
    latest.set(activity, attempt);
    try {
      return await attempt;
    } finally {
      if (latest.get(activity) === attempt) latest.delete(activity);
    }
  };
}

async function settled(before: Promise<unknown>): Promise<void> {
  await withTimeout(
    PATIENCE_MS,
    () => before,
    () => {},
  ).catch(() => {});
}
