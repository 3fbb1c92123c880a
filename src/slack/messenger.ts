import type { WebClient } from '@slack/web-api';
import type { Decision, Refusal } from '../core/approval.js';
import type { Card } from '../core/card.js';
import { RemoteError } from '../core/errors.js';
import type { Person } from '../core/person.js';
import type { ApprovalPolicy } from '../core/policy.js';
import type { MessageRef, Origin, PlanRevision, RunFailure } from '../core/run.js';
import { awaitedApprovers } from './approvers.js';
import { type CardMessages, cardMessages } from './blocks/card.js';
import { changeBlocks } from './blocks/changes.js';
import { context, line } from './blocks/lines.js';
import { markdownBlocks } from './blocks/markdown.js';
import { escalationWords, noticeWords, reminderWords } from './blocks/notices.js';
import { paginate } from './blocks/paginate.js';
import { clip, escapeMrkdwn, mention } from './blocks/text.js';
import { cannotCancelWords, cannotPost, refusalWords } from './blocks/words.js';
import type { Directory } from './directory.js';
import { type Once, postOnce } from './post-once.js';
import { call, directMessage, permalink } from './web.js';
import { whisper } from './whisper.js';

/** At most so many people get a direct message about a plan. */
const MAX_NOTICES = 25;

/** What a person is told privately. */
type Word =
  | {
      kind: 'refused';
      refused: { decision: Decision; refusal: Refusal };
      card?: MessageRef;
      who?: { policy: ApprovalPolicy; requester: Person };
    }
  | { kind: 'cannot-cancel'; requester: Person }
  | { kind: 'cannot-post'; channel: string; failure: RunFailure; attempt: string };

/** Speaks to Slack for the activities: posts once, updates in place, and whispers. Errors are `RemoteError`s. */
export function createMessenger(client: WebClient, directory: Directory) {
  const postOverflow = async (card: MessageRef, messages: CardMessages, once: Once) => {
    for (const [index, blocks] of messages.overflow.entries()) {
      const post = { channel: card.channel, threadTs: card.ts, text: messages.text, blocks };
      await postOnce(client, post, { ...once, key: `${once.key}/${index + 2}` });
    }
  };

  /** What has changed since the revision before, in the card's thread. */
  const postChanges = async (ref: MessageRef, card: Card, before: PlanRevision, once: Once) => {
    if (!card.planned) return;
    const { plan, revision } = card.planned;
    const pages = paginate(changeBlocks(before.plan, plan, { from: before.revision, to: revision }));
    const text = `What has changed from revision ${before.revision} to revision ${revision}`;
    for (const [index, blocks] of pages.entries()) {
      const post = { channel: ref.channel, threadTs: ref.ts, text, blocks };
      await postOnce(client, post, { ...once, key: `${once.key}/changes/${index + 1}` });
    }
  };

  return {
    /** `to` is a channel, or a person (their direct message). `before`: the card and the plan of the revision before this one. */
    async postCard(
      to: string,
      card: Card,
      once: Once,
      before: { card?: MessageRef; planned?: PlanRevision } = {},
    ): Promise<MessageRef> {
      const channel = await channelOf(client, to);
      const older = before.card && (await permalink(client, before.card));
      const messages = cardMessages(card, older ? { replaces: older } : {});
      const { text, blocks } = messages;
      const ref = await postOnce(client, { channel, text, blocks }, once);
      await postOverflow(ref, messages, once);
      if (before.planned) await postChanges(ref, card, before.planned, once);
      return ref;
    },

    /** Mentions, in the card's thread, those who can approve and haven't; returns their ids. */
    async remindApprovers(
      what: 'reminder' | 'escalation',
      thread: MessageRef,
      card: Card,
      once: Once,
    ): Promise<string[]> {
      const { state } = card;
      if (state.kind !== 'waiting') return [];
      const only = what === 'escalation' ? (state.policy.escalate?.to ?? []) : undefined;
      const awaited = await awaitedApprovers(directory, card.requester, state, only);
      const words = what === 'escalation' ? escalationWords(state, awaited) : reminderWords(state, awaited);
      await postOnce(client, { channel: thread.channel, threadTs: thread.ts, ...words }, once);
      return awaited.ids;
    },

    /** A direct message to each of those whom the policy names; who can't be reached is left out. */
    async notifyApprovers(card: Card, at: MessageRef, told: MessageRef[], once: Once): Promise<MessageRef[]> {
      const { state } = card;
      if (state.kind !== 'waiting') return [];
      const { users } = await awaitedApprovers(directory, card.requester, state);
      const words = noticeWords(card, at.channel, await permalink(client, at));
      const sent: MessageRef[] = [];
      // The requester knows, and a card in the direct message says it all.
      const others = users.filter((user) => user !== card.requester.user).slice(0, MAX_NOTICES);
      for (const user of others) {
        try {
          const channel = await directMessage(client, user);
          if (told.some((ref) => ref.channel === channel) || channel === at.channel) continue;
          sent.push(await postOnce(client, { channel, ...words }, { ...once, key: `${once.key}/${user}` }));
        } catch (error) {
          if (!(error instanceof RemoteError) || error.retryable || error.mendable) throw error;
        }
      }
      return sent;
    },

    /** Says in the direct messages what became of it; one that is gone is left out. */
    async updateNotices(card: Card, at: MessageRef, messages: MessageRef[]): Promise<void> {
      const { text, blocks } = noticeWords(card, at.channel, await permalink(client, at));
      for (const { channel, ts } of messages) {
        try {
          await call('chat.update', () => client.chat.update({ channel, ts, text, blocks }));
        } catch (error) {
          if (!(error instanceof RemoteError) || error.retryable || error.mendable) throw error;
        }
      }
    },

    async updateCard(ref: MessageRef, card: Card): Promise<void> {
      const { state } = card;
      const result = state.kind === 'completed' ? await permalink(client, state.result) : undefined;
      const { text, blocks } = cardMessages(card, result ? { result } : {});
      await call('chat.update', () => client.chat.update({ channel: ref.channel, ts: ref.ts, text, blocks }));
    },

    async postResult(
      thread: MessageRef,
      { runId, requester, text }: { runId: string; requester: Person; text: string },
      once: Once,
    ): Promise<MessageRef> {
      const pages = paginate([
        line(`${mention(requester.user)}, run \`${escapeMrkdwn(runId)}\` is done.`),
        ...markdownBlocks(text),
      ]);
      const summary = escapeMrkdwn(clip(text, 3_000));
      const channel = await channelOf(client, thread.channel);
      let first: MessageRef | undefined;
      for (const [index, blocks] of pages.entries()) {
        const more = pages.length > 1 ? [context(`Part ${index + 1} of ${pages.length}`)] : [];
        const post = {
          channel,
          ...(thread.ts && { threadTs: thread.ts }),
          text: summary,
          blocks: [...blocks, ...more],
        };
        const ref = await postOnce(client, post, { ...once, key: `${once.key}/${index + 1}` });
        first ??= ref;
      }
      return first ?? thread;
    },

    /** Why people can't see or use a card: `deleted`, or Slack's error code; undefined when they can. */
    async lossOf({ channel, ts }: MessageRef): Promise<string | undefined> {
      try {
        if (!channel.startsWith('D')) {
          const info = await call('conversations.info', () => client.conversations.info({ channel }));
          if (info.channel?.is_archived) return 'is_archived';
          if (info.channel?.is_member === false) return 'not_in_channel';
        }
        const window = { channel, latest: ts, oldest: ts, inclusive: true, limit: 1 };
        const { messages } = await call('conversations.history', () => client.conversations.history(window));
        return messages?.some((message) => message.ts === ts) ? undefined : 'deleted';
      } catch (error) {
        if (error instanceof RemoteError && CHANNEL_LOST.has(error.code)) return error.code;
        throw error;
      }
    },

    async tellPerson(to: Person, runId: string, origin: Origin, word: Word): Promise<void> {
      if (word.kind === 'cannot-post') {
        await whisper(client, to, cannotPost(runId, word.channel, word.failure, word.attempt), { origin });
        return;
      }
      const text =
        word.kind === 'cannot-cancel' ? cannotCancelWords(word.requester) : await refusedWords(client, word);
      const channel = word.kind === 'refused' ? word.card?.channel : undefined;
      await whisper(client, to, { text, blocks: [line(text)] }, { channel: channel ?? origin.channel });
    },
  };
}

async function refusedWords(
  client: WebClient,
  { refused, card, who }: Extract<Word, { kind: 'refused' }>,
): Promise<string> {
  const link = card ? await permalink(client, card) : undefined;
  return refusalWords(refused.decision, refused.refusal, { ...(link && { link }), ...(who && { who }) });
}

/** Slack's answers that say a channel is out of our reach. */
const CHANNEL_LOST = new Set(['channel_not_found', 'is_archived', 'not_in_channel']);

/** A person's direct message; any other id is a channel's. */
async function channelOf(client: WebClient, to: string): Promise<string> {
  return /^[UW]/.test(to) ? await directMessage(client, to) : to;
}
