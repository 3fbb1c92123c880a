import type { WebClient } from '@slack/web-api';
import { RemoteError } from '../../errors.js';
import type { MessageRef } from '../../run/run.js';
import { type Ask, type AskingCard, askOf } from '../messages/private/asking.js';
import {
  escalationWords,
  MAX_NOTICES,
  MENTIONED,
  noticeWords,
  reminderWords,
} from '../messages/private/notices.js';
import { awaitedApprovers } from '../permissions/approvers.js';
import type { Directory } from '../permissions/directory.js';
import { type Once, postOnce, threadUnder } from './post-once.js';
import { call, directMessage, permalink } from './web.js';

/** Tells people that something waits for them, and what became of it. */
export function createTellApprovers(client: WebClient, directory: Directory) {
  return {
    /** Mentions, in the card's thread, those who can decide or answer and haven't; returns their ids. `at`: where it stands, if not at the thread's root. */
    async remindApprovers(
      what: 'reminder' | 'escalation',
      thread: MessageRef,
      card: AskingCard,
      once: Once,
      at?: MessageRef,
    ): Promise<string[]> {
      const ask = askOf(card);
      if (!ask) return [];
      const only = what === 'escalation' ? (ask.policy.escalate?.to ?? []) : undefined;
      const awaited = await awaitedApprovers(directory, card.requester, ask, only);
      const link = at && (await permalink(client, at));
      const draw = what === 'escalation' ? escalationWords : reminderWords;
      const threadTs = threadUnder(thread);
      const place = { channel: thread.channel, ...(threadTs && { threadTs }) };
      await postOnce(client, { ...place, ...draw(ask, awaited, link) }, once);
      return awaited.ids.slice(0, MENTIONED);
    },

    /** A direct message to each of those who can decide or answer, `MAX_NOTICES` at most; who can't be reached is left out. */
    async notifyApprovers(
      card: AskingCard,
      at: MessageRef,
      told: MessageRef[],
      once: Once,
    ): Promise<MessageRef[]> {
      const ask = askOf(card);
      if (!ask) return [];
      const { approvers, escalate } = ask.policy;
      // Where there are more than can be told, those come first to whom it has just been escalated.
      const latest = (escalate?.to ?? []).filter((to) => approvers.includes(to));
      const { users } = await awaitedApprovers(directory, card.requester, ask, [...latest, ...approvers]);
      const words = noticeWords(card, at.channel, await permalink(client, at));
      const sent: MessageRef[] = [];
      // The requester knows of the plan and of its calls, and a card in the direct message says it all.
      const knows = (user: string) => user === card.requester.user && ask.for === 'approval';
      const others = users.filter((user) => !knows(user)).slice(0, MAX_NOTICES);
      for (const user of others) {
        try {
          const channel = await directMessage(client, user);
          if (told.some((ref) => ref.channel === channel) || channel === at.channel) continue;
          sent.push(await postOnce(client, { channel, ...words }, { ...once, key: `${once.key}/${user}` }));
        } catch (error) {
          if (!(error instanceof RemoteError) || error.retryable || error.operatorCanFix) throw error;
        }
      }
      return sent;
    },

    /**
     * Says in the direct messages what became of it; one that is gone is left out. While it still waits, those change whose
     * recipients have approved.
     */
    async updateNotices(card: AskingCard, at: MessageRef, messages: MessageRef[]): Promise<void> {
      const ask = askOf(card);
      const told = ask ? await withVoters(client, messages, ask) : messages;
      if (told.length === 0) return;
      const { text, blocks } = noticeWords(card, at.channel, await permalink(client, at), {
        hasApproved: ask !== undefined,
      });
      for (const { channel, ts } of told) {
        try {
          await call('chat.update', () => client.chat.update({ channel, ts, text, blocks }));
        } catch (error) {
          if (!(error instanceof RemoteError) || error.retryable || error.operatorCanFix) throw error;
        }
      }
    },
  };
}

/** Of these direct messages, those with somebody who has approved. */
async function withVoters(client: WebClient, messages: MessageRef[], { votes }: Ask): Promise<MessageRef[]> {
  const channels = new Set<string>();
  for (const { by } of messages.length > 0 ? votes : []) {
    try {
      channels.add(await directMessage(client, by.user));
    } catch (error) {
      if (!(error instanceof RemoteError) || error.retryable || error.operatorCanFix) throw error;
    }
  }
  return messages.filter(({ channel }) => channels.has(channel));
}
