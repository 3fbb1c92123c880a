import type { Person } from './person.js';
import { type ApprovalPolicy, escalated, type GroupMembers, isEverybody, isGroup } from './policy.js';

/** Result of counting who can approve: enough people at once, only after the escalation, or never. */
export type Reachability = 'at-once' | 'after-escalation' | 'never';

/** Facts about a request's people. */
export interface Involved {
  requester: Person;
  /** People who changed the plan. */
  editors?: readonly Person[] | undefined;
  /** Members of the policy's groups. A group that is unknown counts as large enough: nothing ends on a guess. */
  groups?: GroupMembers | undefined;
}

/** Finds out if enough people are left to approve, without those whom four eyes excludes. */
export function reachabilityOf(policy: ApprovalPolicy, involved: Involved): Reachability {
  if (countPossible(policy, involved) >= policy.approvals) return 'at-once';
  const isEnough = countPossible(escalated(policy), involved) >= policy.approvals;
  return policy.escalate && isEnough ? 'after-escalation' : 'never';
}

/** Number of people who can approve; infinite where that can't be counted. */
export function countPossible(
  { approvers, requesterMayApprove }: ApprovalPolicy,
  { requester, editors = [], groups = {} }: Involved,
): number {
  const people = new Set<string>();
  for (const approver of approvers) {
    const members = isGroup(approver) ? groups[approver] : [userOf(approver, requester)];
    if (isEverybody(approver) || !members) return Number.POSITIVE_INFINITY;
    for (const member of members) people.add(member);
  }
  if (!requesterMayApprove) for (const { user } of [requester, ...editors]) people.delete(user);
  return people.size;
}

function userOf(approver: string, requester: Person): string {
  return approver === 'requester' ? requester.user : (approver.split('/').at(-1) ?? approver);
}
