import type { Person } from '../../approval/person.js';
import { isGroup } from '../../approval/policy.js';
import { approverMention } from '../messages/kit/who.js';
import type { Ask } from '../messages/private/asking.js';
import { type Awaited, MAX_NOTICES } from '../messages/private/notices.js';
import type { Directory } from './directory.js';

/** Those whom a waiting card, a tool call's or a question's too, still waits for. */
export interface Approvers extends Awaited {
  /** User ids, each to be told of it: those named one by one, then the members of groups that aren't large. */
  users: string[];
  /** Whom `mentions` mentions: user and group ids, in the same order. */
  ids: string[];
}

/**
 * Who can still approve a waiting card: those whom its policy names, but for those who have, and whom four eyes shuts out.
 *
 * @throws RemoteError worth another attempt, when Slack can't say just now who is in a group.
 */
export async function awaitedApprovers(
  directory: Pick<Directory, 'members'>,
  requester: Person,
  { policy, votes, editors }: Pick<Ask, 'policy' | 'votes' | 'editors'>,
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

/** The user id of somebody whom a policy names; somebody of another team comes with it. */
function userIn(approver: string, requester: Person): string {
  return approver === 'requester' ? requester.user : (approver.split('/').at(-1) ?? approver);
}
