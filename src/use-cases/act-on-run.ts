import type { Decision } from '../approval/decision.js';
import type { Refusal } from '../approval/judge.js';
import type { Person } from '../approval/person.js';
import { escalated, isEverybody } from '../approval/policy.js';
import type { ApprovalItem } from '../approval/request.js';
import { withTimeout } from '../platform/with-timeout.js';
import type { NotAdmitted, PostObstacle } from '../run/admission.js';
import type { RunInput } from '../run/input.js';
import type { MessageRef } from '../run/message.js';
import { stricterPolicy } from '../run/stricter-policy.js';
import type { RunSummary } from '../run/summary.js';
import {
  isCertain,
  mayCancelRun,
  mayDecide,
  mayRetryRun,
  type Permission,
} from '../slack/permissions/permissions.js';
import { missing } from '../telemetry/warnings.js';
import { admitRun, cardChannel } from './admit-run.js';
import type { UseCasePorts } from './ports.js';

/** An action of a person on a run. */
export interface RunAction {
  shortId: string;
  by: Person;
  /** Place of the clicked button, as in a `Decision`; unset for a command or a mention. */
  clickedOn?: string;
  /** Id of the click, command or mention; redeliveries share it. */
  once: string;
}

/** A decision that did not reach its run. `isTold`: the person is told; many refusals of one person are only counted. */
export interface EarlyRefusal {
  kind: 'refused';
  refusal: Refusal;
  requester: Person;
  item: Pick<ApprovalItem, 'policy' | 'editors'>;
  isTold: boolean;
}

/**
 * Signals a decision about a request to its run, which judges it. Slack's word about the person goes along. A person whom the policy can't let in is
 * refused before: their clicks must fill no run's history. `over`: the run is over. `too-often`: the person clicks faster than anybody does by hand.
 * The ledger records refusals.
 */
export async function decide(
  ports: UseCasePorts,
  shortId: string,
  decision: Decision,
): Promise<EarlyRefusal | { kind: 'taken' | 'over' | 'too-often' }> {
  const within = <T>(ask: () => Promise<T>) =>
    withTimeout(LOOK_WITHIN_MS, ask, () => undefined).catch(missing(undefined));
  const [refused, isKnown] = await Promise.all([
    within(() => refuseOutsider(ports, shortId, decision)),
    // Rejecting needs no such word.
    decision.kind === 'reject' ? undefined : within(() => isPersonKnown(ports, decision.by)),
  ]);
  if (refused) {
    const isTold = ports.refusals.early(shortId, decision, refused.refusal);
    return { kind: 'refused', ...refused, isTold };
  }
  if (ports.refusals.isTooOften(shortId, decision.by)) return { kind: 'too-often' };
  const sent = { ...decision, ...(isKnown !== undefined && { isKnown }) };
  if (await ports.runs.decide(shortId, sent)) return { kind: 'taken' };
  ports.refusals.late(shortId, decision);
  return { kind: 'over' };
}

/** Longest wait for the ledger and Slack before a decision goes to its run unchecked, in milliseconds. Slack allows 3 s for a click. */
const LOOK_WITHIN_MS = 150;
/** Longest time for which Slack's word about a person is remembered, in milliseconds. Many clicks at once then need one request. */
const KNOWN_FOR_MS = 1_000;

async function isPersonKnown({ directory }: UseCasePorts, person: Person): Promise<boolean> {
  return (await directory.person(person, { maxAgeMs: KNOWN_FOR_MS })) !== 'unknown';
}

/**
 * Finds the refusal of a person whom the policy of the request can't let in, for none of its items. Undefined in any doubt: the run judges. The ledger
 * may not have the request of a new card yet.
 */
export async function refuseOutsider(
  ports: UseCasePorts,
  shortId: string,
  { by, request, items }: Decision,
): Promise<Omit<EarlyRefusal, 'kind' | 'isTold'> | undefined> {
  const view = await ports.ledger.view(shortId);
  if (!view || view.end) return undefined;
  const isNamed = (id: string) => items.some((item) => item.id === id);
  const named = view.open.filter((open) => open.request === request && isNamed(open.id));
  const [item] = named;
  if (!item) return undefined;
  const { requester } = view;
  for (const { policy } of named) {
    if (policy.approvers.some(isEverybody)) return undefined;
    if ((await mayDecide(ports, { requester, policy }, by)) !== 'no') return undefined;
  }
  const { policy, editors } = item;
  return { refusal: { reason: 'not-an-approver' }, requester, item: { policy, ...(editors && { editors }) } };
}

/** Longest wait for Slack and a worker before the workflow itself decides about a cancellation, in milliseconds. Temporal needs time too. */
const CHECK_WITHIN_MS = 600;

/** Outcome of a cancellation. `not-yet`: an escalation may permit it. `requested`: nobody could tell in time, so the workflow decides. */
export type CancelOutcome = 'unknown-run' | 'not-allowed' | 'not-yet' | 'over' | 'cancelling' | 'requested';

export async function cancelRun(
  ports: UseCasePorts,
  { shortId, by, clickedOn, once }: RunAction,
): Promise<CancelOutcome> {
  if (shortId === '') return 'unknown-run';
  let may: Permission | 'later' | undefined;
  const mayCancel = async (run: RunSummary) => {
    const check = () => mayCancelRun(ports, run, by);
    may = await withTimeout(CHECK_WITHIN_MS, check, () => 'unsure' as const);
    return may === 'yes' || may === 'unsure';
  };
  const outcome = await ports.runs.cancel(shortId, mayCancel, {
    by,
    ...(clickedOn !== undefined && { clickedOn }),
  });
  if (outcome === 'not-allowed') {
    ports.refusals.refused(shortId, { by, reason: 'cannot-cancel', once });
    return may === 'later' ? 'not-yet' : 'not-allowed';
  }
  return outcome === 'cancelling' && may === 'unsure' ? 'requested' : outcome;
}

/** Outcome of a retry. `elsewhere`: the button was on a message that isn't the run's. `not-admitted`: the run may not start now. */
export type RetryOutcome =
  | { kind: 'started' | 'not-allowed' | 'stale' | 'elsewhere' }
  | { kind: 'not-admitted'; refusal: NotAdmitted }
  | { kind: 'cannot-post'; channel: string; obstacle: PostObstacle };

/** Restarts a failed run from the failed step. Its requester must still be one who may ask; the retry counts as a start. */
export async function retryRun(
  ports: UseCasePorts,
  executionId: string,
  { shortId, by, clickedOn, once }: RunAction,
): Promise<RetryOutcome> {
  let refusal: NotAdmitted | undefined;
  let unreachable: { channel: string; obstacle: PostObstacle } | undefined;
  let isElsewhere = false;
  const mayRetry = async (failed: RunInput, shownOn?: MessageRef[]) => {
    const isKnown = clickedOn === undefined || clickedOn === 'home' || shownOn === undefined;
    isElsewhere = !isKnown && !shownOn.some(({ ts }) => ts === clickedOn);
    if (isElsewhere) return false;
    const { requester, resume } = failed;
    const hasCard = resume?.card !== undefined || resume?.unreachable !== undefined;
    const input = hasCard ? failed : inChannelOfNow(ports, failed);
    const { channel } = input;
    const policy = stricterPolicy(failed.policy, ports.policyFor(channel));
    const owned = { requester, policy: resume?.wasEscalated ? escalated(policy) : policy };
    if (!isCertain(await mayRetryRun(ports, owned, by))) return false;
    const key = `${shortId}/${executionId}`;
    const admission = await admitRun(ports, { ...input, shortId, key, hasCard });
    if (admission.kind === 'refused') refusal = admission.refusal;
    else if (admission.kind === 'cannot-post') unreachable = { channel, obstacle: admission.failure.code };
    else isCertain(admission.kind === 'admitted' ? 'yes' : 'unsure');
    return refusal === undefined && unreachable === undefined && input;
  };
  const kind = await ports.runs.retry(shortId, executionId, mayRetry, by, ports.refusals.retried);
  if (kind !== 'not-allowed') return { kind };
  if (unreachable) return { kind: 'cannot-post', ...unreachable };
  const reason = isElsewhere ? 'other-message' : 'cannot-retry';
  if (refusal?.reason !== 'limit') ports.refusals.refused(shortId, { by, reason, once });
  if (isElsewhere) return { kind: 'elsewhere' };
  return refusal ? { kind: 'not-admitted', refusal } : { kind };
}

/** A run that has no card yet, in the channel in which it would start now: an operator may have set another `APPROVAL_CHANNEL`. */
function inChannelOfNow(ports: UseCasePorts, failed: RunInput): RunInput {
  const channel = cardChannel(ports, failed.origin.channel);
  if (channel === failed.channel) return failed;
  const { thread: _, ...input } = failed;
  return { ...input, channel, policy: stricterPolicy(input.policy, ports.policyFor(channel)) };
}
