import type { Person } from '../approval/person.js';
import { mayCancelRun } from '../slack/permissions/permissions.js';
import type { UseCasePorts } from './ports.js';

/**
 * `not-yet`: the run may be escalated to this person, and then they can cancel it. `requested`: no worker said in time whether this
 * person may; the workflow decides.
 */
export type CancelOutcome = 'unknown-run' | 'not-allowed' | 'not-yet' | 'over' | 'cancelling' | 'requested';

/** Asks a run to stop. `once` is the id of the click, command or mention. */
export async function cancelRun(
  ports: UseCasePorts,
  { runId, by, once }: { runId: string; by: Person; once: string },
): Promise<CancelOutcome> {
  const { runs, refusals } = ports;
  const run = runId === '' ? undefined : await runs.describe(runId);
  if (!run) return 'unknown-run';
  const may = await mayCancelRun(ports, run, by);
  if (may === 'no' || may === 'later') {
    refusals.refused(runId, { by, reason: 'cannot-cancel', once });
    return may === 'no' ? 'not-allowed' : 'not-yet';
  }
  if (!(await runs.cancel(runId, by))) return 'over';
  return may === 'yes' ? 'cancelling' : 'requested';
}
