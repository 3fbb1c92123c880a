import type { Decision } from '../approval/decision.js';
import type { Refusal } from '../approval/judge.js';
import type { Person } from '../approval/person.js';
import type { ApprovalItem } from '../approval/request.js';
import { withTimeout } from '../platform/with-timeout.js';
import type { RunInput } from '../run/input.js';
import type { MessageRef } from '../run/message.js';
import type { RunSummary } from '../run/summary.js';
import {
  isCertain,
  mayCancelRun,
  mayDecide,
  mayRetryRun,
  type Permission,
} from '../slack/permissions/permissions.js';
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
 * Signals a decision about a request to its run, which judges it. A person whom the policy can't let in is refused before: their clicks must fill no
 * run's history. `over`: the run is over. `too-often`: the person clicks faster than anybody does by hand. The ledger records refusals.
 */
export async function decide(
  ports: UseCasePorts,
  shortId: string,
  decision: Decision,
): Promise<EarlyRefusal | { kind: 'taken' | 'over' | 'too-often' }> {
  const look = () => refuseOutsider(ports, shortId, decision);
  const refused = await withTimeout(LOOK_WITHIN_MS, look, () => undefined).catch(() => undefined);
  if (refused) {
    const isTold = ports.refusals.early(shortId, decision, refused.refusal);
    return { kind: 'refused', ...refused, isTold };
  }
  if (ports.refusals.isTooOften(shortId, decision.by)) return { kind: 'too-often' };
  if (await ports.runs.decide(shortId, decision)) return { kind: 'taken' };
  ports.refusals.late(shortId, decision);
  return { kind: 'over' };
}

/** Longest wait for the ledger and Slack before a decision goes to its run unchecked, in milliseconds. Slack allows 3 s for a click. */
const LOOK_WITHIN_MS = 150;

/**
 * Finds the refusal of a person whom the policy of the request can't let in. Undefined in any doubt: the run judges. The ledger may not have the
 * request of a new card yet.
 */
async function refuseOutsider(
  ports: UseCasePorts,
  shortId: string,
  { by, request, items }: Decision,
): Promise<Omit<EarlyRefusal, 'kind' | 'isTold'> | undefined> {
  const view = await ports.ledger.view(shortId);
  if (!view || view.end) return undefined;
  const isNamed = (id: string) => items.some((item) => item.id === id);
  const item = view.open.find((open) => open.request === request && isNamed(open.id));
  if (!item) return undefined;
  const { requester } = view;
  const { policy, editors } = item;
  if (policy.approvers.includes('anyone') || (await mayDecide(ports, { requester, policy }, by)) !== 'no') {
    return undefined;
  }
  return { refusal: { reason: 'not-an-approver' }, requester, item: { policy, ...(editors && { editors }) } };
}

/** Outcome of a cancellation. `not-yet`: an escalation may permit it. `requested`: nobody could tell in time, so the workflow decides. */
export type CancelOutcome = 'unknown-run' | 'not-allowed' | 'not-yet' | 'over' | 'cancelling' | 'requested';

export async function cancelRun(
  ports: UseCasePorts,
  { shortId, by, clickedOn, once }: RunAction,
): Promise<CancelOutcome> {
  if (shortId === '') return 'unknown-run';
  let may: Permission | 'later' | undefined;
  const mayCancel = async (run: RunSummary) => {
    may = await mayCancelRun(ports, run, by);
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

/** Restarts a failed run from the failed step. `elsewhere`: the button was on a message that isn't the run's. */
export async function retryRun(
  ports: UseCasePorts,
  executionId: string,
  { shortId, by, clickedOn, once }: RunAction,
) {
  let isElsewhere = false;
  const mayRetry = async (input: RunInput, shownOn?: MessageRef[]) => {
    const isKnown = clickedOn === undefined || clickedOn === 'home' || shownOn === undefined;
    isElsewhere = !isKnown && !shownOn.some(({ ts }) => ts === clickedOn);
    return !isElsewhere && isCertain(await mayRetryRun(ports, input, by));
  };
  const outcome = await ports.runs.retry(shortId, executionId, mayRetry, by);
  if (isElsewhere) {
    ports.refusals.refused(shortId, { by, reason: 'other-message', once });
    return 'elsewhere';
  }
  if (outcome === 'not-allowed') ports.refusals.refused(shortId, { by, reason: 'cannot-retry', once });
  return outcome;
}
