import type { Person } from '../approval/person.js';
import { mayRetryRun } from '../slack/permissions/permissions.js';
import type { UseCasePorts } from './ports.js';

/** `stale`: that execution was retried already, or is too old for Temporal to know. */
export type RetryOutcome = 'started' | 'not-allowed' | 'stale';

/** Starts a failed run again, from the step that failed. `once` is the id of the click. */
export async function retryRun(
  ports: UseCasePorts,
  { runId, executionId, by, once }: { runId: string; executionId: string; by: Person; once: string },
): Promise<RetryOutcome> {
  const { runs, refusals } = ports;
  const outcome = await runs.retry(runId, executionId, (input) => mayRetryRun(ports, input, by), by);
  if (outcome === 'not-allowed') refusals.refused(runId, { by, reason: 'cannot-retry', once });
  return outcome;
}
