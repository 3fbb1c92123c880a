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
import { call } from './web.js';
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
    async postCard(channel: string, card: Card, once: Once, replaces?: MessageRef): Promise<MessageRef> {
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
      let first: MessageRef | undefined;
      for (const [index, blocks] of pages.entries()) {
        const more = pages.length > 1 ? [context(`Part ${index + 1} of ${pages.length}`)] : [];
        const post = {
          channel: thread.channel,
          ...(thread.ts && { threadTs: thread.ts }),
          text: summary,
          blocks: [...blocks, ...more],
        };
        const ref = await postOnce(client, post, { ...once, key: `${once.key}/${index + 1}` });
        first ??= ref;
      }
      return first ?? thread;
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
