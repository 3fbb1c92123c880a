import type { Decision } from '../../approval/decision.js';
import { isOwnDecision, type Refusal } from '../../approval/judge.js';
import { samePerson } from '../../approval/person.js';
import { escalated } from '../../approval/policy.js';
import { withTimeout } from '../../platform/with-timeout.js';
import type { RunView } from '../../run/run-view.js';
import { mayApproveNow } from '../../slack/permissions/permissions.js';
import { missing } from '../../telemetry/warnings.js';
import type { EarlyRefusal } from '../act-on-run.js';
import type { UseCasePorts } from '../ports.js';

/** Longest wait for the ledger and Slack, in milliseconds. A form must open within 3 s of the click. */
const LOOK_WITHIN_MS = 1_200;

/**
 * Foresees that the run would refuse a decision, so that nobody fills in a form in vain. Undefined in any doubt: the run judges. The ledger may not
 * have the request of a new card yet. `over`: the run has ended. The ledger records refusals.
 */
export async function foreseeRefusal(
  ports: UseCasePorts,
  shortId: string,
  decision: Decision,
): Promise<EarlyRefusal | { kind: 'over' } | undefined> {
  const look = async () => {
    const view = await ports.ledger.view(shortId);
    if (!view) return undefined;
    return view.end ? ({ kind: 'over' } as const) : await findRefusal(ports, view, decision);
  };
  const found = await withTimeout(LOOK_WITHIN_MS, look, () => undefined).catch(missing(undefined));
  if (!found) return undefined;
  if ('kind' in found) {
    ports.refusals.late(shortId, decision);
    return found;
  }
  return { kind: 'refused', ...found, isTold: ports.refusals.early(shortId, decision, found.refusal) };
}

async function findRefusal(
  ports: UseCasePorts,
  view: RunView,
  decision: Decision,
): Promise<Omit<EarlyRefusal, 'kind' | 'isTold'> | undefined> {
  const { requester } = view;
  const isPlan = ({ subject }: RunView['open'][number]) => subject === 'plan';
  const asked = view.open.find(({ request }) => request === decision.request);
  const plan = asked ?? view.open.findLast(isPlan);
  if (!plan) return undefined;
  const { policy, editors, revision } = plan;
  const item = { policy, ...(editors && { editors }) };
  const refuse = (refusal: Refusal) => ({ refusal, requester, item });
  if (revision > decision.revision) return refuse({ reason: 'stale-revision', current: revision });
  if (!asked || isOwnDecision({ item: plan, requester }, decision)) return undefined;
  const may = (own = policy) => mayApproveNow(ports, { requester, policy: own }, decision.by);
  // An escalation may be due that is not on record yet.
  if ((await may()) !== 'no' || (await may(escalated(policy))) !== 'no') return undefined;
  const isFourEyes = samePerson(requester, decision.by) && !policy.requesterMayApprove;
  return refuse({ reason: isFourEyes ? 'four-eyes' : 'not-an-approver' });
}
