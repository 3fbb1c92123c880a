import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { RemoteError } from '../core/errors.js';
import type { MessageRef } from '../core/run.js';
import { call } from './web.js';

/** Message metadata of every post of ours. Every app in the workspace can read it: no secrets. */
export const EVENT_TYPE = 'countersign_post';

export interface Post {
  channel: string;
  threadTs?: string;
  text: string;
  blocks: KnownBlock[];
}

/** How a post is made once. */
export interface Once {
  key: string;
  /** Look for the key in messages since this time (ms since the epoch) before posting. */
  lookSince?: number;
}

/** Answers to the look-up that say it can't be done here; then the post is made without it. */
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
export async function postOnce(client: WebClient, post: Post, once: Once): Promise<MessageRef> {
  if (once.lookSince !== undefined) {
    const found = await find(client, post, once.key, once.lookSince);
    if (found) return found;
  }
  const { channel, threadTs, text, blocks } = post;
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
  return { channel: answer.channel ?? channel, ts: answer.ts ?? '' };
}

async function find(
  client: WebClient,
  post: Post,
  key: string,
  since: number,
): Promise<MessageRef | undefined> {
  const { channel, threadTs } = post;
  const window = { channel, oldest: (since / 1000).toFixed(6), limit: 200, include_all_metadata: true };
  let cursor: string | undefined;
  try {
    do {
      const page = { ...window, ...(cursor && { cursor }) };
      const answer = threadTs
        ? await call('conversations.replies', () => client.conversations.replies({ ...page, ts: threadTs }))
        : await call('conversations.history', () => client.conversations.history(page));
      const hit = answer.messages?.find((message) => keyOf(message) === key);
      if (hit?.ts) return { channel, ts: hit.ts };
      cursor = answer.response_metadata?.next_cursor;
    } while (cursor);
  } catch (error) {
    if (!(error instanceof RemoteError && LOOK_UP_IMPOSSIBLE.has(error.code))) throw error;
  }
  return undefined;
}

function keyOf(message: { metadata?: { event_type?: string; event_payload?: object } }): unknown {
  const { metadata } = message;
  if (metadata?.event_type !== EVENT_TYPE) return undefined;
  return (metadata.event_payload as { key?: unknown } | undefined)?.key;
}
