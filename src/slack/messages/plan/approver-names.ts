import type { RequestItem } from '../../../run/request.js';
import { approverMention, digits, mention } from '../kit/text.js';

/** Limit for the names in a status line. */
const NAMED = 5;

/** Names in a sentence: "@ana, @ben or 3 more". */
function listText(names: string[], word: 'and' | 'or'): string {
  const shown =
    names.length > NAMED ? [...names.slice(0, NAMED - 1), `${digits(names.length - NAMED + 1)} more`] : names;
  const last = shown.at(-1) ?? '';
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} ${word} ${last}` : last;
}

/** Names those whom a policy names. `requester` is a user id. */
export function namesText(approvers: string[], requester: string): string {
  return listText([...new Set(approvers.map((each) => approverMention(each, requester)))], 'or');
}

/** People whom an open item still waits for, and its approvals so far. Those who approved, or may not, are left out. `requester` is a user id. */
export function waitingForText({ policy, votes, editors = [] }: RequestItem, requester: string): string {
  const { approvers, approvals, requesterMayApprove } = policy;
  const shutOut = requesterMayApprove ? [] : [requester, ...editors.map(({ user }) => user)];
  const done = [...votes.map(({ by }) => by.user), ...shutOut].map(mention);
  const left = [...new Set(approvers.map((each) => approverMention(each, requester)))].filter(
    (name) => !done.includes(name),
  );
  const missing = approvals - votes.length;
  const arePeople = left.every((name) => name.startsWith('<@'));
  const names = listText(left, arePeople && missing >= left.length ? 'and' : 'or') || 'more approvers';
  if (approvals === 1) return names;
  const voters = listText(
    votes.map(({ by }) => mention(by.user)),
    'and',
  );
  return voters
    ? `${names} (${votes.length} of ${approvals} approvals: ${voters})`
    : `${names} (${votes.length} of ${approvals})`;
}

/** Names the requester; under four eyes also says who can't approve an open item. `requester` is a user id. */
export function askedByText(requester: string, item?: RequestItem): string {
  const asked = `Asked by ${mention(requester)}`;
  if (!item || item.policy.requesterMayApprove) return asked;
  const others = (item.editors ?? [])
    .filter(({ user }) => user !== requester)
    .map(({ user }) => mention(user));
  const edited = others.length > 0 ? `; nor can ${listText(others, 'and')}, who changed the plan` : '';
  return `${asked}, who can't approve it${edited}`;
}
