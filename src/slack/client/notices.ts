import type { WebClient } from '@slack/web-api';
import type { Decision } from '../../approval/decision.js';
import type { DecisionMessage } from '../../run/message.js';
import type { MessageRef } from '../../run/message-ref.js';
import { MAX_NOTICES, noticeMessage } from '../messages/notices/notice.js';
import { escalationMessage, MAX_MENTIONS, reminderMessage } from '../messages/notices/reminder.js';
import { findWaitingItem, isQuestion } from '../messages/request/waiting.js';
import { findPendingApprovers, type GroupDirectory } from './pending-approvers.js';
import { type PostOnce, postOnce, threadPlace } from './post-once.js';
import { directMessage, ignoreRefusal, permalink, updateMessage } from './web.js';

/** Tells people that an item waits for them, and its outcome. `at` is the message that shows the item. */
export function createNotices(client: WebClient, directory: GroupDirectory) {
  return {
    /** Mentions, in the card's thread, those who can decide and haven't; returns their ids. */
    async remindApprovers(
      input: {
        purpose: 'reminder' | 'escalation';
        thread: MessageRef;
        message: DecisionMessage;
        at: MessageRef;
      },
      once: PostOnce,
    ): Promise<string[]> {
      const { purpose, thread, message, at } = input;
      const waiting = findWaitingItem(message);
      if (!waiting) return [];
      const { item } = waiting;
      const isEscalation = purpose === 'escalation';
      const named = isEscalation ? (item.policy.escalate?.to ?? []) : undefined;
      const pending = await findPendingApprovers(directory, message.requester, item, named);
      const link = at.ts === thread.ts ? undefined : await permalink(client, at);
      const payload = (isEscalation ? escalationMessage : reminderMessage)(waiting, pending, link);
      await postOnce(client, { ...threadPlace(thread), ...payload }, once);
      return pending.ids.slice(0, MAX_MENTIONS);
    },

    /**
     * Sends a direct message to each of those who can decide, `MAX_NOTICES` at most, but for those who have one (`sent`); returns the new
     * ones. A person who can't be reached is left out.
     */
    async notifyApprovers(
      { message, at, sent }: { message: DecisionMessage; at: MessageRef; sent: MessageRef[] },
      once: PostOnce,
    ): Promise<MessageRef[]> {
      const waiting = findWaitingItem(message);
      if (!waiting) return [];
      const { item } = waiting;
      const { approvers, escalate } = item.policy;
      // Where there are more than can be told, those come first to whom the item has just been escalated.
      const latest = (escalate?.to ?? []).filter((to) => approvers.includes(to));
      const named = [...latest, ...approvers];
      const { users } = await findPendingApprovers(directory, message.requester, item, named);
      const payload = noticeMessage(message, { channel: at.channel, link: await permalink(client, at) });
      // The requester knows of the plan and of its calls. A card in somebody's direct message needs no notice there.
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

    /**
     * Brings direct messages up to date; one that is gone is left out. While the item waits, only the messages to people who have approved
     * change.
     */
    async updateNotices({
      message,
      at,
      notices,
    }: {
      message: DecisionMessage;
      at: MessageRef;
      notices: MessageRef[];
    }): Promise<void> {
      const waiting = findWaitingItem(message);
      const changed = waiting ? await selectVoters(client, notices, waiting.item.votes) : notices;
      if (changed.length === 0) return;
      const place = { channel: at.channel, link: await permalink(client, at) };
      const payload = noticeMessage(message, place, { hasApproved: waiting !== undefined });
      for (const ref of changed) await ignoreRefusal(() => updateMessage(client, ref, payload));
    },
  };
}

/** The direct messages to people who have approved. */
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
