import type { Person } from '../../../approval/person.js';
import { type ApprovalPolicy, isGroup } from '../../../approval/policy.js';
import { count, groupMention, listed, mention } from './text.js';

/** One of a policy's approvers, as a mention or in words. */
export function approverMention(approver: string, requester: string): string {
  if (approver === 'anyone') return 'anyone here';
  if (approver === 'requester') return mention(requester);
  if (isGroup(approver)) return groupMention(approver);
  return mention(approver.split('/').at(-1) ?? approver);
}

/** So many of those who edited a plan are named. */
const EDITORS = 5;

/** Who may approve, in words. */
export function approverWords(policy: ApprovalPolicy, requester: string, editors: Person[] = []): string {
  const who = listed([...new Set(policy.approvers.map((approver) => approverMention(approver, requester)))]);
  if (policy.requesterMayApprove) return who;
  const edited = editors.filter((editor) => editor.user !== requester).map(({ user }) => mention(user));
  const not = [
    `${mention(requester)}, who asked`,
    ...(edited.length > 0 ? [`${listed(edited, EDITORS)}, who edited`] : []),
  ];
  return `${who} (not ${not.join(', nor ')})`;
}

/** How many approvals a policy asks for, and of whom, in words. */
export function policyWords(policy?: ApprovalPolicy): string {
  if (!policy) return 'approval';
  const who = policy.approvers.map((approver) =>
    approver === 'requester' ? 'who asked' : approverMention(approver, ''),
  );
  const eyes = policy.requesterMayApprove ? '' : ', not who asked';
  return `${count(policy.approvals, 'approval')} of ${listed(who)}${eyes}`;
}
