import type { ConversationsHistoryArguments, WebClient } from '@slack/web-api';
import type { PostOnce } from '../../activities/ports.js';
import { RemoteError } from '../../platform/errors.js';
import type { MessageRef } from '../../run/message.js';
import type { MessagePayload } from '../messages/kit/payload.js';

/** Type of the metadata on each post. Every app in the workspace can read it, so it holds no secrets. */
const EVENT_TYPE = 'countersign_post';

/** Place of a post. `thread` is the `ts` of the thread's root. */
export type Place = Omit<MessageRef, 'ts'>;

/** The thread under a message, or the thread that contains it. */
export function threadPlace({ channel, thread, ts }: MessageRef): Place {
  const root = thread ?? ts;
  return { channel, ...(root && { thread: root }) };
}

/** Posts a message, unless an earlier attempt did. Slack has no idempotency key, so the metadata carries one, and a retry searches for it. */
export async function postOnce(
  client: WebClient,
  { channel, thread, text, blocks }: Place & Pick<MessagePayload, 'text'> & Partial<MessagePayload>,
  { key, lookSince }: PostOnce,
): Promise<MessageRef> {
  const place = { channel, ...(thread && { thread }) };
  const found = await findMessage(client, { ...place, since: lookSince }, ({ metadata }) => {
    const payload: { key?: unknown } = metadata?.event_payload ?? {};
    return metadata?.event_type === EVENT_TYPE && payload.key === key;
  });
  if (found) return found;
  const answer = await client.chat.postMessage({
    channel,
    text,
    ...(blocks && { blocks }),
    ...(thread && { thread_ts: thread }),
    unfurl_links: false,
    unfurl_media: false,
    metadata: { event_type: EVENT_TYPE, event_payload: { key } },
  });
  return { ...place, channel: answer.channel ?? channel, ts: answer.ts ?? '' };
}

/** Posts messages in one place, in order, each once under its own key. */
export async function postAllOnce(
  client: WebClient,
  posts: (Place & MessagePayload & { key: string })[],
  once: PostOnce,
): Promise<MessageRef[]> {
  const refs: MessageRef[] = [];
  for (const { key, ...post } of posts) refs.push(await postOnce(client, post, { ...once, key }));
  return refs;
}

interface HistoryMessage {
  ts?: string;
  text?: string;
  metadata?: { event_type?: string; event_payload?: object };
  files?: { name?: string | null; title?: string | null }[];
}

/** Slack's errors for a search that is impossible here. The message is then posted without a search. */
const LOOK_UP_IMPOSSIBLE = new Set([
  'missing_scope',
  'unknown_method',
  'not_in_channel',
  'thread_not_found',
  'method_not_supported_for_channel_type',
]);

/** Finds the first message since a moment (ms since the epoch) that `matches`. Undefined without `since`, and when Slack refuses the search. */
export async function findMessage(
  client: WebClient,
  { since, ...place }: Place & { since: number | undefined },
  matches: (message: HistoryMessage) => boolean | undefined,
): Promise<MessageRef | undefined> {
  if (since === undefined) return undefined;
  const window = { oldest: (since / 1000).toFixed(6), limit: 200, include_all_metadata: true };
  let cursor: string | undefined;
  try {
    do {
      const page = await readMessages(client, place, { ...window, ...(cursor && { cursor }) });
      const hit = page.messages?.find(matches);
      if (hit?.ts) return { ...place, ts: hit.ts };
      cursor = page.response_metadata?.next_cursor;
    } while (cursor);
  } catch (error) {
    if (!(error instanceof RemoteError && LOOK_UP_IMPOSSIBLE.has(error.code))) throw error;
  }
  return undefined;
}

/** Reads a page of the messages in a channel or a thread. */
export function readMessages(
  client: WebClient,
  { channel, thread }: Place,
  window: Omit<ConversationsHistoryArguments, 'channel' | 'token'>,
): Promise<{ messages?: HistoryMessage[]; response_metadata?: { next_cursor?: string } }> {
  return thread
    ? client.conversations.replies({ channel, ts: thread, ...window })
    : client.conversations.history({ channel, ...window });
}
