import type { WebClient } from '@slack/web-api';
import type { Decision, Refusal } from '../../approval/judge.js';
import type { Person } from '../../approval/person.js';
import { RemoteError } from '../../errors.js';
import type { Card } from '../../run/card.js';
import type { MessageRef, Origin, RunFailure } from '../../run/run.js';
import type { QuestionCard, ThreadMessage } from '../../run/thread.js';
import { line } from '../messages/kit/lines.js';
import { cardMessages } from '../messages/plan/card.js';
import {
  cannotAnswerWords,
  cannotCancelWords,
  cannotPost,
  refusalWords,
  type WhoCan,
} from '../messages/plan/words.js';
import type { Report } from '../messages/result/result.js';
import type { Directory } from '../permissions/directory.js';
import { type Before, postCard } from './post-card.js';
import { postInThread, updateInThread } from './post-in-thread.js';
import type { Once } from './post-once.js';
import { postResult } from './post-result.js';
import { whisper } from './send-privately.js';
import { createTellApprovers } from './tell-approvers.js';
import { call, permalink } from './web.js';

/** What a person is told privately. */
type Word =
  | {
      kind: 'refused';
      refused: { decision: Decision; refusal: Refusal };
      card?: MessageRef;
      who?: WhoCan;
    }
  | { kind: 'cannot-cancel'; requester: Person }
  | { kind: 'cannot-answer'; question: QuestionCard }
  | { kind: 'cannot-post'; channel: string; failure: RunFailure; attempt: string };

/** Speaks to Slack for the activities: posts once, updates in place, and whispers. Errors are `RemoteError`s. */
export function createMessenger(client: WebClient, directory: Directory) {
  return {
    postCard: (to: string, card: Card, once: Once, before: Before = {}): Promise<MessageRef> =>
      postCard(client, to, card, once, before),

    async updateCard(ref: MessageRef, card: Card): Promise<void> {
      const { state } = card;
      const result = state.kind === 'completed' ? await permalink(client, state.result) : undefined;
      const { text, blocks } = cardMessages(card, result ? { result } : {});
      await call('chat.update', () => client.chat.update({ channel: ref.channel, ts: ref.ts, text, blocks }));
    },

    /** Posts the result under the card; returns its first message. */
    postResult: (
      thread: MessageRef,
      { requester, ...result }: { runId: string; requester: Person; text: string; report?: Report },
      once: Once,
    ): Promise<MessageRef> => postResult(client, thread, { ...result, requester: requester.user }, once),

    postInThread: (thread: MessageRef, message: ThreadMessage, once: Once): Promise<MessageRef> =>
      postInThread(client, thread, message, once),

    updateInThread: (ref: MessageRef, message: ThreadMessage): Promise<void> =>
      updateInThread(client, ref, message),

    ...createTellApprovers(client, directory),

    /** Why people can't see or use a card: `deleted`, or Slack's error code; undefined when they can. */
    async lossOf({ channel, ts, thread }: MessageRef): Promise<string | undefined> {
      try {
        if (!channel.startsWith('D')) {
          const info = await call('conversations.info', () => client.conversations.info({ channel }));
          if (info.channel?.is_archived) return 'is_archived';
          if (info.channel?.is_member === false) return 'not_in_channel';
        }
        // A thread is always told with its root first.
        const window = { channel, latest: ts, oldest: ts, inclusive: true, limit: thread ? 2 : 1 };
        const { messages } = thread
          ? await call('conversations.replies', () => client.conversations.replies({ ...window, ts: thread }))
          : await call('conversations.history', () => client.conversations.history(window));
        return messages?.some((message) => message.ts === ts) ? undefined : 'deleted';
      } catch (error) {
        if (error instanceof RemoteError && CHANNEL_LOST.has(error.code)) return error.code;
        if (error instanceof RemoteError && error.code === 'thread_not_found') return 'deleted';
        throw error;
      }
    },

    async tellPerson(to: Person, runId: string, origin: Origin, word: Word): Promise<void> {
      if (word.kind === 'cannot-post') {
        await whisper(client, to, cannotPost(runId, word.channel, word.failure, word.attempt), { origin });
        return;
      }
      const text = await privateWords(client, word);
      // Where the card is seen; a run that was asked for in a thread has it there.
      const { channel, thread } = (word.kind === 'refused' && word.card) || origin;
      const where = { channel, ...(thread && { thread }) };
      await whisper(client, to, { text, blocks: [line(text)] }, where);
    },
  };
}

async function privateWords(
  client: WebClient,
  word: Exclude<Word, { kind: 'cannot-post' }>,
): Promise<string> {
  switch (word.kind) {
    case 'cannot-cancel':
      return cannotCancelWords(word.requester);
    case 'cannot-answer':
      return cannotAnswerWords(word.question);
    case 'refused':
      return await refusedWords(client, word);
  }
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
