import type { Person } from '../../approval/person.js';
import { isGroup } from '../../approval/policy.js';
import type { ApprovalItem } from '../../approval/request.js';
import { approverMention } from '../messages/kit/people.js';
import { MAX_NOTICES } from '../messages/notices/notice.js';
import type { PendingApprovers } from '../messages/notices/reminder.js';
import type { Directory } from './directory.js';

/** The people whom an item still waits for. */
export interface Approvers extends PendingApprovers {
  /** User ids, each to get a direct message: the people named one by one, then the members of groups that aren't large. */
  users: string[];
  /** User and group ids in `mentions`, in the same order. */
  ids: string[];
}

/**
 * Finds the people who can still decide about an item: those whom its policy names, but for those who have approved, and whom four eyes
 * shuts out. `only`: of these approvers alone.
 *
 * @throws RemoteError worth another attempt, when Slack can't read a group just now.
 */
export async function findPendingApprovers(
  directory: Pick<Directory, 'members'>,
  { policy, votes, editors = [] }: Pick<ApprovalItem, 'policy' | 'votes' | 'editors'>,
  requester: Person,
  only: string[] = policy.approvers,
): Promise<Approvers> {
  const out = new Set([
    ...votes.map((vote) => vote.by.user),
    ...(policy.requesterMayApprove ? [] : [requester, ...editors].map(({ user }) => user)),
  ]);
  const isIn = (user: string) => !out.has(user);
  const named = only.filter((approver) => approver !== 'anyone' && !isGroup(approver));
  const users = new Set(named.map((approver) => userIn(approver, requester)).filter(isIn));
  const large: string[] = [];
  for (const group of new Set(only.filter(isGroup))) {
    const members = await directory.members(group, { fresh: false });
    const more = members?.filter((user) => isIn(user) && !users.has(user));
    if (more && users.size + more.length <= MAX_NOTICES) for (const user of more) users.add(user);
    else large.push(group);
  }
  const ids = [...users, ...large];
  return {
    users: [...users],
    ids,
    mentions: ids.map((id) => approverMention(id, requester.user)),
    anyone: only.includes('anyone'),
  };
}

/** User id of an approver; a person of another team is named with the team. */
function userIn(approver: string, requester: Person): string {
  return approver === 'requester' ? requester.user : (approver.split('/').at(-1) ?? approver);
}
