import { setTimeout as delay } from 'node:timers/promises';
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

/**
 * Posts a message, unless an earlier attempt did. Slack has no idempotency key, so the metadata carries one, and a retry searches for it.
 *
 * @returns Where Slack put it. A thread whose root was deleted is gone, and Slack then posts into the channel, without an error.
 */
export async function postOnce(
  client: WebClient,
  { channel, thread, text, blocks }: Place & Pick<MessagePayload, 'text'> & Partial<MessagePayload>,
  { key, lookSince, lookAgainAt = 0, signal }: PostOnce,
): Promise<MessageRef> {
  const asked = { channel, ...(thread && { thread }) };
  const look = () =>
    lookUp(client, { ...asked, since: lookSince }, ({ metadata }) => {
      const payload: { key?: unknown } = metadata?.event_payload ?? {};
      return metadata?.event_type === EVENT_TYPE && payload.key === key;
    });
  let { found, place } = await look();
  const waitMs = lookAgainAt - Date.now();
  if (!found && waitMs > 0) {
    await delay(waitMs, undefined, { signal }).catch(() => {});
    signal?.throwIfAborted();
    ({ found, place } = await look());
  }
  if (found) return found;
  // Another attempt may be on its way already.
  signal?.throwIfAborted();
  const answer = await client.chat.postMessage({
    channel,
    text,
    ...(blocks && { blocks }),
    ...(place.thread && { thread_ts: place.thread }),
    unfurl_links: false,
    unfurl_media: false,
    metadata: { event_type: EVENT_TYPE, event_payload: { key } },
  });
  const landedIn = answer.message ? answer.message.thread_ts : place.thread;
  return { channel: answer.channel ?? channel, ts: answer.ts ?? '', ...(landedIn && { thread: landedIn }) };
}

/** True if Slack posted a message into the channel, because the thread that it was meant for is gone. */
export function isUnthreaded({ thread }: Place, posted: MessageRef): boolean {
  return thread !== undefined && posted.thread === undefined;
}

/** Posts messages in one place, in order, each once under its own key. If the thread is gone, the first stands in the channel and the rest under it. */
export async function postAllOnce(
  client: WebClient,
  posts: (Place & MessagePayload & { key: string })[],
  once: PostOnce,
): Promise<MessageRef[]> {
  const refs: MessageRef[] = [];
  let moved: Place | undefined;
  for (const { key, ...post } of posts) {
    const ref = await postOnce(client, { ...post, ...moved }, { ...once, key });
    if (!moved && isUnthreaded(post, ref)) moved = threadPlace(ref);
    refs.push(ref);
  }
  return refs;
}

interface HistoryMessage {
  ts?: string;
  /** `tombstone`: what is left of a deleted root with replies. */
  subtype?: string;
  text?: string;
  metadata?: { event_type?: string; event_payload?: object };
  files?: { name?: string | null; title?: string | null }[];
}

/** Slack's errors for a search that is impossible here. The message is then posted without a search. */
const LOOK_UP_IMPOSSIBLE = new Set([
  'missing_scope',
  'unknown_method',
  'not_in_channel',
  'method_not_supported_for_channel_type',
]);

/**
 * Looks for the first message since a moment (ms since the epoch) that `matches`; not without `since`, nor when Slack refuses the search.
 *
 * @returns `place`: where to post now. If the thread is gone it is the channel, in which Slack put the post of an earlier attempt, too.
 */
export async function lookUp(
  client: WebClient,
  { since, ...place }: Place & { since: number | undefined },
  matches: (message: HistoryMessage) => boolean | undefined,
): Promise<{ found?: MessageRef; place: Place }> {
  if (since === undefined) return { place };
  const { channel } = place;
  try {
    const hit = await search(client, place, since, matches);
    return hit?.ts ? { found: { ...place, ts: hit.ts }, place } : { place };
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    if (place.thread && error.code === 'thread_not_found')
      return await lookUp(client, { channel, since }, matches);
    if (LOOK_UP_IMPOSSIBLE.has(error.code)) return { place };
    throw error;
  }
}

async function search(
  client: WebClient,
  place: Place,
  since: number,
  matches: (message: HistoryMessage) => boolean | undefined,
): Promise<HistoryMessage | undefined> {
  const window = { oldest: (since / 1000).toFixed(6), limit: 200, include_all_metadata: true };
  let cursor: string | undefined;
  do {
    const page = await readMessages(client, place, { ...window, ...(cursor && { cursor }) });
    const hit = page.messages?.find(matches);
    if (hit) return hit;
    cursor = page.response_metadata?.next_cursor;
  } while (cursor);
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
