import type { Person } from '../../core/person.js';
import { type ApprovalPolicy, isGroup } from '../../core/policy.js';
import { count, escapeMrkdwn, mention } from './text.js';

/** One of a policy's approvers, as a mention or in words. */
export function approverMention(approver: string, requester: string): string {
  if (approver === 'anyone') return 'anyone here';
  if (approver === 'requester') return mention(requester);
  if (isGroup(approver)) return `<!subteam^${escapeMrkdwn(approver)}>`;
  return mention(approver.split('/').at(-1) ?? approver);
}

/** Who may approve, in words. */
export function approverWords(policy: ApprovalPolicy, requester: string, editors: Person[] = []): string {
  const who = [...new Set(policy.approvers.map((approver) => approverMention(approver, requester)))].join(
    ', ',
  );
  if (policy.requesterMayApprove) return who;
  const edited = editors.filter((editor) => editor.user !== requester).map(({ user }) => mention(user));
  const not = [
    `${mention(requester)}, who asked`,
    ...(edited.length > 0 ? [`${edited.join(', ')}, who edited`] : []),
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
  return `${count(policy.approvals, 'approval')} of ${who.join(', ')}${eyes}`;
}
