import type { WebClient } from '@slack/web-api';
import type { PostOnce } from '../../activities/ports.js';
import { RemoteError } from '../../errors.js';
import type { MessageRef } from '../../run/message.js';
import type { MessagePayload } from '../messages/kit/payload.js';
import { call } from './web.js';

/** Message metadata of every post of ours. Every app in the workspace can read it: no secrets. */
export const EVENT_TYPE = 'countersign_post';

/** Where something is posted. */
export interface Place {
  channel: string;
  threadTs?: string;
}

/** The thread under a message, or the thread that the message is in; the channel where there is no message. */
export function threadPlace({ channel, thread, ts }: MessageRef): Place {
  const threadTs = thread ?? (ts || undefined);
  return { channel, ...(threadTs && { threadTs }) };
}

/** Slack's answers that say a look-up can't be done here; then the post is made without it. */
const LOOK_UP_IMPOSSIBLE = new Set([
  'missing_scope',
  'unknown_method',
  'not_in_channel',
  'thread_not_found',
  'method_not_supported_for_channel_type',
]);

/**
 * Posts a message unless an earlier attempt did. Slack has no idempotency key, so the post carries its key in
 * message metadata, and a second attempt looks for it in the channel or thread first.
 */
export async function postOnce(
  client: WebClient,
  post: Place & MessagePayload,
  once: PostOnce,
): Promise<MessageRef> {
  const { channel, threadTs, text, blocks } = post;
  if (once.lookSince !== undefined) {
    const where = { channel, since: once.lookSince, ...(threadTs && { threadTs }) };
    const found = await findMessage(client, where, (message) => keyOf(message) === once.key);
    if (found) return found;
  }
  const answer = await call('chat.postMessage', () =>
    client.chat.postMessage({
      channel,
      text,
      blocks,
      ...(threadTs && { thread_ts: threadTs }),
      unfurl_links: false,
      unfurl_media: false,
      metadata: { event_type: EVENT_TYPE, event_payload: { key: once.key } },
    }),
  );
  return { channel: answer.channel ?? channel, ts: answer.ts ?? '', ...(threadTs && { thread: threadTs }) };
}

/** A message as Slack's history has it. */
export interface HistoryMessage {
  ts?: string;
  text?: string;
  metadata?: { event_type?: string; event_payload?: object };
  files?: { name?: string | null; title?: string | null }[];
}

/** Finds the first message since a moment (ms since the epoch) that `matches`; undefined also where Slack can't be asked. */
export async function findMessage(
  client: WebClient,
  { channel, threadTs, since }: Place & { since: number },
  matches: (message: HistoryMessage) => boolean | undefined,
): Promise<MessageRef | undefined> {
  const window = { channel, oldest: (since / 1000).toFixed(6), limit: 200, include_all_metadata: true };
  let cursor: string | undefined;
  try {
    do {
      const page = { ...window, ...(cursor && { cursor }) };
      const answer = threadTs
        ? await call('conversations.replies', () => client.conversations.replies({ ...page, ts: threadTs }))
        : await call('conversations.history', () => client.conversations.history(page));
      const hit = (answer.messages as HistoryMessage[] | undefined)?.find(matches);
      if (hit?.ts) return { channel, ts: hit.ts, ...(threadTs && { thread: threadTs }) };
      cursor = answer.response_metadata?.next_cursor;
    } while (cursor);
  } catch (error) {
    if (!(error instanceof RemoteError && LOOK_UP_IMPOSSIBLE.has(error.code))) throw error;
  }
  return undefined;
}

function keyOf({ metadata }: HistoryMessage): unknown {
  if (metadata?.event_type !== EVENT_TYPE) return undefined;
  return (metadata.event_payload as { key?: unknown } | undefined)?.key;
}
