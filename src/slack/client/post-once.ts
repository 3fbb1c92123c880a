import type { ConversationsHistoryArguments, WebClient } from '@slack/web-api';
import type { PostOnce } from '../../activities/ports.js';
import { RemoteError } from '../../platform/errors.js';
import type { MessageRef } from '../../run/message.js';
import type { MessagePayload } from '../messages/kit/payload.js';

/** Message metadata of every post of ours. Every app in the workspace can read it: no secrets. */
const EVENT_TYPE = 'countersign_post';

/** Where something is posted; `thread` is the `ts` of its root. */
export type Place = Omit<MessageRef, 'ts'>;

/** The thread under a message, or the thread that the message is in; the channel where there is no message. */
export function threadPlace({ channel, thread, ts }: MessageRef): Place {
  const root = thread ?? ts;
  return { channel, ...(root && { thread: root }) };
}

/**
 * Posts a message unless an earlier attempt did. Slack has no idempotency key, so the post carries its key in
 * message metadata, and a second attempt looks for it in the channel or thread first.
 */
export async function postOnce(
  client: WebClient,
  { channel, thread, text, blocks }: Place & MessagePayload,
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
    blocks,
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

/** A message as Slack's history has it. */
interface HistoryMessage {
  ts?: string;
  text?: string;
  metadata?: { event_type?: string; event_payload?: object };
  files?: { name?: string | null; title?: string | null }[];
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
 * Finds the first message since a moment (ms since the epoch) that `matches`; undefined where no attempt can have posted one, and where Slack
 * can't be asked.
 */
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

/** A page of a channel's messages, or of a thread's. */
export function readMessages(
  client: WebClient,
  { channel, thread }: Place,
  window: Omit<ConversationsHistoryArguments, 'channel' | 'token'>,
): Promise<{ messages?: HistoryMessage[]; response_metadata?: { next_cursor?: string } }> {
  return thread
    ? client.conversations.replies({ channel, ts: thread, ...window })
    : client.conversations.history({ channel, ...window });
}
