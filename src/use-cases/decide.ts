import type { Decision } from '../approval/decision.js';
import type { UseCasePorts } from './ports.js';

/**
 * Sends a decision about a request to its run; the workflow judges it. Returns false when the run is over: then the decision goes on
 * record as refused.
 */
export async function decide(
  { runs, refusals }: UseCasePorts,
  runId: string,
  decision: Decision,
): Promise<boolean> {
  const isTaken = await runs.decide(runId, decision);
  if (!isTaken) refusals.late(runId, decision);
  return isTaken;
}
