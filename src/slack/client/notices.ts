import type { WebClient } from '@slack/web-api';
import type { Directory, Messenger } from '../../activities/ports.js';
import type { Decision } from '../../approval/decision.js';
import type { Person } from '../../approval/person.js';
import { isEverybody, isGroup } from '../../approval/policy.js';
import type { ApprovalItem } from '../../approval/request.js';
import type { MessageRef } from '../../run/message.js';
import { approverMention } from '../messages/kit/text.js';
import { MAX_NOTICES, noticeMessage } from '../messages/notices/notice.js';
import {
  escalationMessage,
  MAX_MENTIONS,
  type PendingApprovers,
  reminderMessage,
} from '../messages/notices/reminder.js';
import { findWaitingItem, isQuestion } from '../messages/request/waiting.js';
import { postOnce, threadPlace } from './post-once.js';
import { directMessage, ignoreRefusal, permalink, updateMessage } from './web/web.js';

/** Notifies people of an open item, and of its outcome. `at` is the message that shows the item. */
export function createNotices(
  client: WebClient,
  directory: Pick<Directory, 'members'>,
): Pick<Messenger, 'remindApprovers' | 'notifyApprovers' | 'updateNotices'> {
  return {
    async remindApprovers({ purpose, thread, message, at }, once) {
      const waiting = findWaitingItem(message);
      if (!waiting) return { mentioned: [] };
      const { item } = waiting;
      const isEscalation = purpose === 'escalation';
      const named = isEscalation ? (item.policy.escalate?.to ?? []) : undefined;
      const pending = await findPendingApprovers(directory, message.requester, item, named);
      const link = at.ts === thread.ts ? undefined : await permalink(client, at);
      const payload = (isEscalation ? escalationMessage : reminderMessage)(waiting, pending, link);
      const posted = await postOnce(client, { ...threadPlace(thread), ...payload }, once);
      return { mentioned: pending.ids.slice(0, MAX_MENTIONS), posted };
    },

    /** Sends at most `MAX_NOTICES` direct messages. People who can't be reached are skipped. */
    async notifyApprovers({ message, at, sent }, once) {
      const waiting = findWaitingItem(message);
      if (!waiting) return [];
      const { item } = waiting;
      const { approvers, escalate } = item.policy;
      // People added by an escalation come first, because the number of direct messages is limited.
      const latest = (escalate?.to ?? []).filter((to) => approvers.includes(to));
      const named = [...latest, ...approvers];
      const { users } = await findPendingApprovers(directory, message.requester, item, named);
      const payload = noticeMessage(message, { channel: at.channel, link: await permalink(client, at) });
      // The requester already sees the plan and its calls. A direct message that holds the card needs no notice.
      const hasNotice = (channel: string) =>
        channel === at.channel || sent.some((ref) => ref.channel === channel);
      const isTold = (user: string) => user === message.requester.user && !isQuestion(item);
      const notices: MessageRef[] = [];
      for (const user of users.filter((each) => !isTold(each)).slice(0, MAX_NOTICES)) {
        await ignoreRefusal(async () => {
          const channel = await directMessage(client, user);
          if (hasNotice(channel)) return;
          const own = { ...once, key: `${once.key}/${user}` };
          notices.push(await postOnce(client, { channel, ...payload }, own));
        });
      }
      return notices;
    },

    /** While the item is open, only the notices to its voters change. Deleted messages are skipped. */
    async updateNotices({ message, at, notices }) {
      const waiting = findWaitingItem(message);
      const changed = waiting ? await selectVoters(client, notices, waiting.item.votes) : notices;
      if (changed.length === 0) return;
      const link = await permalink(client, at);
      const payload = noticeMessage(message, {
        channel: at.channel,
        link,
        hasApproved: waiting !== undefined,
      });
      for (const ref of changed) await ignoreRefusal(() => updateMessage(client, ref, payload));
    },
  };
}

/** Direct messages to people who have approved. */
async function selectVoters(
  client: WebClient,
  notices: MessageRef[],
  votes: Decision[],
): Promise<MessageRef[]> {
  const channels = new Set<string>();
  for (const { by } of notices.length > 0 ? votes : []) {
    await ignoreRefusal(async () => channels.add(await directMessage(client, by.user)));
  }
  return notices.filter(({ channel }) => channels.has(channel));
}

export interface FoundApprovers extends PendingApprovers {
  /** User ids for direct messages: people whom the policy names, then the members of small groups. */
  users: string[];
  /** User and group ids of the mentions, in the same order. */
  ids: string[];
}

/**
 * Finds the people who can still approve an item, by the policy. Voters, and people whom four eyes excludes, are left out.
 *
 * @param named Approvers to consider; by default the policy's.
 * @throws RemoteError (retryable) when Slack can't list a group at the moment.
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
  const people = named.filter((approver) => !isEverybody(approver) && !isGroup(approver));
  // A person of another team is named as `T…/U…`.
  const ids = people.map((id) => (id === 'requester' ? requester.user : id.replace(/^.*\//, '')));
  const users = new Set(ids.filter(isPending));
  const large: string[] = [];
  for (const group of new Set(named.filter(isGroup))) {
    const members = await directory.members(group, { fresh: false });
    const more = members?.filter((user) => isPending(user) && !users.has(user));
    if (more && users.size + more.length <= MAX_NOTICES) for (const user of more) users.add(user);
    else large.push(group);
  }
  const found = [...users, ...large];
  const mentions = found.map((id) => approverMention(id, requester.user));
  return { users: [...users], ids: found, mentions, everybody: named.find(isEverybody) };
}
