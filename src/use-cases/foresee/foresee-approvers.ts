import type { ShownItem } from '../../approval/decision.js';
import type { Person } from '../../approval/person.js';
import { type ApprovalPolicy, escalated, groupsOf } from '../../approval/policy.js';
import { countPossible, type Involved, reachabilityOf } from '../../approval/possible-approvers.js';
import { withTimeout } from '../../platform/with-timeout.js';
import { membersOf } from '../../slack/permissions/directory.js';
import { missing } from '../../telemetry/warnings.js';
import type { UseCasePorts } from '../ports.js';

/** Too few people are left to approve a new revision, because its author can't. */
export interface Foreseen {
  policy: ApprovalPolicy;
  /** People who could still approve. */
  left: number;
  /** True if more people are asked at once; false if the run ends. */
  escalates: boolean;
}

/** Longest wait for the ledger and Slack, in milliseconds. A form must open within 3 s of the click. */
const LOOK_WITHIN_MS = 1_000;

/**
 * Foresees what this person's change to a waiting plan means under four eyes. Undefined where enough others can approve a new revision, and
 * where nobody can say in time.
 */
export async function foreseeApprovers(
  { ledger, directory }: Pick<UseCasePorts, 'ledger' | 'directory'>,
  { run, request, items }: { run: string; request: string; items: ShownItem[] },
  by: Person,
): Promise<Foreseen | undefined> {
  const look = async (): Promise<Foreseen | undefined> => {
    const view = await ledger.view(run);
    const item = view?.open.find((open) => open.request === request && open.id === items[0]?.id);
    if (!view || !item || item.policy.requesterMayApprove) return undefined;
    const { policy, editors = [] } = item;
    const { members: groups } = await membersOf(directory, groupsOf(escalated(policy)));
    const involved: Involved = { requester: view.requester, editors: [...editors, by], groups };
    const reachability = reachabilityOf(policy, involved);
    if (reachability === 'at-once') return undefined;
    const escalates = reachability === 'after-escalation';
    return { policy, left: countPossible(escalates ? policy : escalated(policy), involved), escalates };
  };
  return await withTimeout(LOOK_WITHIN_MS, look, () => undefined).catch(missing(undefined));
}
