import type { Person } from '../../../approval/person.js';
import { type ApprovalPolicy, isGroup } from '../../../approval/policy.js';
import { count, groupMention, joinMentions, mention } from './text.js';

/** One of a policy's approvers, as a mention or in words. */
export function approverMention(approver: string, requester: string): string {
  if (approver === 'anyone') return 'anyone here';
  if (approver === 'requester') return mention(requester);
  if (isGroup(approver)) return groupMention(approver);
  return mention(approver.split('/').at(-1) ?? approver);
}

/** Mentions of people in a line. */
export function peopleText(people: readonly { by: Person }[]): string {
  return joinMentions(people.map(({ by }) => mention(by.user)));
}

/** At most five of those who edited a plan are named. */
const EDITORS = 5;

/** The people who may decide. `requester` is a user id. */
export function approversText(policy: ApprovalPolicy, requester: string, editors: Person[] = []): string {
  const approvers = policy.approvers.map((approver) => approverMention(approver, requester));
  const named = joinMentions([...new Set(approvers)]);
  if (policy.requesterMayApprove) return named;
  const edited = editors.filter((editor) => editor.user !== requester).map(({ user }) => mention(user));
  const excluded = [
    `${mention(requester)}, who asked`,
    ...(edited.length > 0 ? [`${joinMentions(edited, EDITORS)}, who edited`] : []),
  ];
  return `${named} (not ${excluded.join(', nor ')})`;
}

/** The number of approvals that a policy asks for, and of whom. */
export function policyText(policy: ApprovalPolicy): string {
  const approvers = policy.approvers.map((approver) =>
    approver === 'requester' ? 'who asked' : approverMention(approver, ''),
  );
  const eyes = policy.requesterMayApprove ? '' : ', not who asked';
  return `${count(policy.approvals, 'approval')} of ${joinMentions(approvers)}${eyes}`;
}
