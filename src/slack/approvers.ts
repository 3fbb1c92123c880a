import type { Person } from '../core/person.js';
import { isGroup } from '../core/policy.js';
import type { Ask } from './blocks/asking.js';
import type { Awaited } from './blocks/notices.js';
import { approverMention } from './blocks/who.js';
import type { Directory } from './directory.js';

/** A group with more members is mentioned as one, and gets no direct messages. */
const LARGE_GROUP = 20;

/** Those whom a waiting card, a tool call's or a question's too, still waits for. */
export interface Approvers extends Awaited {
  /** User ids: those named one by one, and the members of groups that aren't large. */
  users: string[];
  /** What was mentioned: user and group ids. */
  ids: string[];
}

/** Who can still approve a waiting card: those whom its policy names, but for those who have, and whom four eyes shuts out. */
export async function awaitedApprovers(
  directory: Directory,
  requester: Person,
  { policy, votes, editors }: Pick<Ask, 'policy' | 'votes' | 'editors'>,
  only: string[] = policy.approvers,
): Promise<Approvers> {
  const out = new Set([
    ...votes.map((vote) => vote.by.user),
    ...(policy.requesterMayApprove ? [] : [requester, ...editors].map(({ user }) => user)),
  ]);
  const users = new Set<string>();
  const groups = new Set<string>();
  for (const approver of only) {
    if (approver === 'anyone') continue;
    if (approver === 'requester') users.add(requester.user);
    else if (!isGroup(approver)) users.add(approver.split('/').at(-1) ?? approver);
    else {
      const members = await directory.members(approver, { fresh: false }).catch(() => undefined);
      if (members && members.length <= LARGE_GROUP) for (const member of members) users.add(member);
      else groups.add(approver);
    }
  }
  const awaited = [...users].filter((user) => !out.has(user));
  const ids = [...awaited, ...groups];
  return {
    users: awaited,
    ids,
    mentions: ids.map((id) => approverMention(id, requester.user)),
    anyone: only.includes('anyone'),
  };
}
