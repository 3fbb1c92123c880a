import type { WebClient } from '@slack/web-api';
import type { Decision, Refusal } from '../core/approval.js';
import type { Card } from '../core/card.js';
import { RemoteError } from '../core/errors.js';
import type { Person } from '../core/person.js';
import type { MessageRef, Origin, RunFailure } from '../core/run.js';
import { type CardMessages, cardMessages } from './blocks/card.js';
import { context, line } from './blocks/lines.js';
import { markdownBlocks } from './blocks/markdown.js';
import { paginate } from './blocks/paginate.js';
import { clip, escapeMrkdwn, mention } from './blocks/text.js';
import { cannotCancelWords, cannotPost, refusalWords } from './blocks/words.js';
import { type Once, postOnce } from './post-once.js';
import { call, directMessage } from './web.js';
import { whisper } from './whisper.js';

/** What a person is told privately. */
type Word =
  | { kind: 'refused'; refused: { decision: Decision; refusal: Refusal }; card?: MessageRef }
  | { kind: 'cannot-cancel'; requester: Person }
  | { kind: 'cannot-post'; channel: string; failure: RunFailure; attempt: string };

/** Speaks to Slack for the activities: posts once, updates in place, and whispers. Errors are `RemoteError`s. */
export function createMessenger(client: WebClient) {
  const postOverflow = async (card: MessageRef, messages: CardMessages, once: Once) => {
    for (const [index, blocks] of messages.overflow.entries()) {
      const post = { channel: card.channel, threadTs: card.ts, text: messages.text, blocks };
      await postOnce(client, post, { ...once, key: `${once.key}/${index + 2}` });
    }
  };

  return {
    /** `to` is a channel, or a person (their direct message). */
    async postCard(to: string, card: Card, once: Once, replaces?: MessageRef): Promise<MessageRef> {
      const channel = await channelOf(client, to);
      const older = replaces && (await permalink(client, replaces));
      const messages = cardMessages(card, older ? { replaces: older } : {});
      const { text, blocks } = messages;
      const ref = await postOnce(client, { channel, text, blocks }, once);
      await postOverflow(ref, messages, once);
      return ref;
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
        word.kind === 'cannot-cancel'
          ? cannotCancelWords(word.requester)
          : await refusedWords(client, word.refused, word.card);
      const channel = word.kind === 'refused' ? word.card?.channel : undefined;
      await whisper(client, to, { text, blocks: [line(text)] }, { channel: channel ?? origin.channel });
    },
  };
}

async function refusedWords(
  client: WebClient,
  { decision, refusal }: { decision: Decision; refusal: Refusal },
  card?: MessageRef,
): Promise<string> {
  const needsLink = refusal.reason !== 'already-decided' && refusal.reason !== 'over';
  return refusalWords(decision, refusal, needsLink && card ? await permalink(client, card) : undefined);
}

/** Slack's answers that say a channel is out of our reach. */
const CHANNEL_LOST = new Set(['channel_not_found', 'is_archived', 'not_in_channel']);

/** A person's direct message; any other id is a channel's. */
async function channelOf(client: WebClient, to: string): Promise<string> {
  return /^[UW]/.test(to) ? await directMessage(client, to) : to;
}

/** The message's address; a link is a kindness, so without one the words stand alone. */
async function permalink(client: WebClient, ref: MessageRef): Promise<string | undefined> {
  try {
    const answer = await call('chat.getPermalink', () =>
      client.chat.getPermalink({ channel: ref.channel, message_ts: ref.ts }),
    );
    return answer.permalink;
  } catch (error) {
    if (error instanceof RemoteError) return undefined;
    throw error;
  }
}
