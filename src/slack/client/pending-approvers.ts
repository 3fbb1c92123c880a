import type { Directory } from '../../activities/ports.js';
import type { Person } from '../../approval/person.js';
import { isGroup } from '../../approval/policy.js';
import type { ApprovalItem } from '../../approval/request.js';
import { approverMention } from '../messages/kit/text.js';
import { MAX_NOTICES } from '../messages/notices/notice.js';
import type { PendingApprovers } from '../messages/notices/reminder.js';

export interface FoundApprovers extends PendingApprovers {
  /** User ids of those who get a direct message: people whom the policy names, then the members of groups that aren't large. */
  users: string[];
  /** User and group ids of the mentions, in the same order. */
  ids: string[];
}

/**
 * Finds the people who can still approve an item: those whom its policy names, without those who have approved or whom four eyes shuts out.
 *
 * @param named The approvers to look at; the policy's where none are given.
 * @throws RemoteError worth another attempt, when Slack can't say just now who is in a group.
 */
export async function findPendingApprovers(
  directory: Pick<Directory, 'members'>,
  requester: Person,
  { policy, votes, editors = [] }: Pick<ApprovalItem, 'policy' | 'votes' | 'editors'>,
  named: string[] = policy.approvers,
): Promise<FoundApprovers> {
  const excluded = new Set([
    ...votes.map((vote) => vote.by.user),
    ...(policy.requesterMayApprove ? [] : [requester, ...editors].map(({ user }) => user)),
  ]);
  const isPending = (user: string) => !excluded.has(user);
  const people = named.filter((approver) => approver !== 'anyone' && !isGroup(approver));
  const users = new Set(people.map((approver) => userOf(approver, requester)).filter(isPending));
  const large: string[] = [];
  for (const group of new Set(named.filter(isGroup))) {
    const members = await directory.members(group, { fresh: false });
    const more = members?.filter((user) => isPending(user) && !users.has(user));
    if (more && users.size + more.length <= MAX_NOTICES) for (const user of more) users.add(user);
    else large.push(group);
  }
  const ids = [...users, ...large];
  return {
    users: [...users],
    ids,
    mentions: ids.map((id) => approverMention(id, requester.user)),
    anyone: named.includes('anyone'),
  };
}

/** The user id of one of a policy's approvers; somebody of another team is named with the team's id. */
function userOf(approver: string, requester: Person): string {
  return approver === 'requester' ? requester.user : (approver.split('/').at(-1) ?? approver);
}
