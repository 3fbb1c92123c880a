import type { Decision } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import { escalated } from '../approval/policy.js';
import { withTimeout } from '../platform/with-timeout.js';
import type { NotAdmitted } from '../run/admission.js';
import type { RunInput } from '../run/input.js';
import { stricterPolicy } from '../run/stricter-policy.js';
import type { RunSummary } from '../run/summary.js';
import { isCertain, mayCancelRun, mayRetryRun, type Permission } from '../slack/permissions/permissions.js';
import { admitRun } from './admit-run.js';
import type { UseCasePorts } from './ports.js';

/** An action of a person on a run. */
export interface RunAction {
  shortId: string;
  by: Person;
  /** Id of the click, command or mention; redeliveries share it. */
  once: string;
}

/** Longest wait for Slack's word about a person, in milliseconds. Without it the run asks itself, which costs an activity. */
const KNOWN_WITHIN_MS = 150;
/** Longest time for which that word is remembered, in milliseconds. Many clicks at once then need one request. */
const KNOWN_FOR_MS = 1_000;

/**
 * Signals a decision about a request to its run, which judges it. `lookUp`: Slack's word about the person goes along. Returns false when the run
 * is over; the ledger then records a refusal.
 */
export async function decide(
  { runs, refusals, directory }: UseCasePorts,
  shortId: string,
  decision: Decision,
  { lookUp = false } = {},
): Promise<boolean> {
  const ask = async () => (await directory.person(decision.by, { maxAgeMs: KNOWN_FOR_MS })) !== 'unknown';
  const isKnown = lookUp
    ? await withTimeout(KNOWN_WITHIN_MS, ask, () => undefined).catch(() => undefined)
    : undefined;
  const isTaken = await runs.decide(shortId, { ...decision, ...(isKnown !== undefined && { isKnown }) });
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

/** Outcome of a retry. `not-admitted`: the run may not start now. */
export type RetryOutcome =
  | { kind: 'started' | 'not-allowed' | 'stale' }
  | { kind: 'not-admitted'; refusal: NotAdmitted };

/** Restarts a failed run from the failed step. Its requester must still be one who may ask; the retry counts as a start. */
export async function retryRun(
  ports: UseCasePorts,
  executionId: string,
  { shortId, by, once }: RunAction,
): Promise<RetryOutcome> {
  let refusal: NotAdmitted | undefined;
  const mayRetry = async (input: RunInput) => {
    const { requester, policy: started, channel, resume } = input;
    const policy = stricterPolicy(started, ports.policyFor(channel));
    const owned = { requester, policy: resume?.wasEscalated ? escalated(policy) : policy };
    if (!isCertain(await mayRetryRun(ports, owned, by))) return false;
    const admission = await admitRun(ports, { ...input, shortId, key: `${shortId}/${executionId}` });
    if (admission.kind === 'refused') refusal = admission.refusal;
    else isCertain(admission.kind === 'admitted' ? 'yes' : 'unsure');
    return refusal === undefined;
  };
  const kind = await ports.runs.retry(shortId, executionId, mayRetry, by);
  if (kind !== 'not-allowed') return { kind };
  if (refusal?.reason !== 'limit') ports.refusals.refused(shortId, { by, reason: 'cannot-retry', once });
  return refusal ? { kind: 'not-admitted', refusal } : { kind };
}
