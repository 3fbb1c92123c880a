import type { ApprovalPolicy, Budget } from '../approval/policy.js';
import { DEFAULT_BUDGET } from './execution/budget.js';

/**
 * Policy of a run's next request, after the policy file was changed. Approvers and escalation are those of now. Of the number of approvals, four
 * eyes and the budget the stricter value holds. Rules for tools stay: each call meets both lists.
 */
export function stricterPolicy(started: ApprovalPolicy, now: ApprovalPolicy | undefined): ApprovalPolicy {
  if (!now) return started;
  const { escalate: _, ...kept } = started;
  const budget = stricterBudget(started.budget, now.budget);
  return {
    ...kept,
    approvers: now.approvers,
    approvals: Math.max(started.approvals, now.approvals),
    requesterMayApprove: started.requesterMayApprove && now.requesterMayApprove,
    ...(now.escalate && { escalate: now.escalate }),
    ...(budget && { budget }),
  };
}

/** True if other people may approve than when the run began, or more of them must. */
export function asksOthers(started: ApprovalPolicy, policy: ApprovalPolicy): boolean {
  const key = ({ approvers, approvals, requesterMayApprove, escalate }: ApprovalPolicy) =>
    JSON.stringify([approvers.toSorted(), approvals, requesterMayApprove, escalate?.to.toSorted()]);
  return key(started) !== key(policy);
}

function stricterBudget(
  started: Partial<Budget> = {},
  now: Partial<Budget> = {},
): Partial<Budget> | undefined {
  const parts = new Set([...Object.keys(started), ...Object.keys(now)] as (keyof Budget)[]);
  if (parts.size === 0) return undefined;
  const amount = (budget: Partial<Budget>, part: keyof Budget) => budget[part] ?? DEFAULT_BUDGET[part];
  return Object.fromEntries(
    [...parts].map((part) => [part, Math.min(amount(started, part), amount(now, part))]),
  );
}
