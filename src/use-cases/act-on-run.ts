import type { Decision } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import { escalated } from '../approval/policy.js';
import type { RunInput } from '../run/input.js';
import { stricterPolicy } from '../run/stricter-policy.js';
import type { RunSummary } from '../run/summary.js';
import { isCertain, mayCancelRun, mayRetryRun, type Permission } from '../slack/permissions/permissions.js';
import type { UseCasePorts } from './ports.js';

/** An action of a person on a run. */
export interface RunAction {
  shortId: string;
  by: Person;
  /** Id of the click, command or mention; redeliveries share it. */
  once: string;
}

/** Signals a decision about a request to its run, which judges it. Returns false when the run is over; the ledger then records a refusal. */
export async function decide(
  { runs, refusals }: UseCasePorts,
  shortId: string,
  decision: Decision,
): Promise<boolean> {
  const isTaken = await runs.decide(shortId, decision);
  if (!isTaken) refusals.late(shortId, decision);
  return isTaken;
}

/** Outcome of a cancellation. `not-yet`: an escalation may permit it. `requested`: nobody could tell in time, so the workflow decides. */
export type CancelOutcome = 'unknown-run' | 'not-allowed' | 'not-yet' | 'over' | 'cancelling' | 'requested';

export async function cancelRun(
  ports: UseCasePorts,
  { shortId, by, once }: RunAction,
): Promise<CancelOutcome> {
  if (shortId === '') return 'unknown-run';
  let may: Permission | 'later' | undefined;
  const mayCancel = async (run: RunSummary) => {
    may = await mayCancelRun(ports, run, by);
    return may === 'yes' || may === 'unsure';
  };
  const outcome = await ports.runs.cancel(shortId, mayCancel, by);
  if (outcome === 'not-allowed') {
    ports.refusals.refused(shortId, { by, reason: 'cannot-cancel', once });
    return may === 'later' ? 'not-yet' : 'not-allowed';
  }
  return outcome === 'cancelling' && may === 'unsure' ? 'requested' : outcome;
}

/** Restarts a failed run from the failed step. */
export async function retryRun(ports: UseCasePorts, executionId: string, { shortId, by, once }: RunAction) {
  const mayRetry = async ({ requester, policy: started, channel, resume }: RunInput) => {
    const policy = stricterPolicy(started, ports.policyFor(channel));
    const owned = { requester, policy: resume?.wasEscalated ? escalated(policy) : policy };
    return isCertain(await mayRetryRun(ports, owned, by));
  };
  const outcome = await ports.runs.retry(shortId, executionId, mayRetry, by);
  if (outcome === 'not-allowed') ports.refusals.refused(shortId, { by, reason: 'cannot-retry', once });
  return outcome;
}
