import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Person } from '../../approval/person.js';
import { RemoteError } from '../../errors.js';
import type { Origin } from '../../run/message.js';
import { call, directMessage } from './web.js';

/** A `response_url` works this long, in milliseconds; a minute is kept back. Source: Slack's "Handling user interaction". */
const RESPONSE_URL_MS = 29 * 60_000;
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Sends a message that only one person sees: by the command's `response_url` while it works (it works even where the bot isn't a member), else
 * as an ephemeral message in the channel or thread, else as a direct message.
 */
export async function sendPrivately(
  client: WebClient,
  to: Person,
  payload: { text: string; blocks?: KnownBlock[] },
  place: { channel: string; thread?: string } | { origin: Origin },
): Promise<void> {
  if ('origin' in place && (await respond(place.origin, payload))) return;
  const { channel, thread } = 'origin' in place ? place.origin : place;
  const post = { channel, user: to.user, ...(thread && { thread_ts: thread }), ...payload };
  try {
    await call('chat.postEphemeral', () => client.chat.postEphemeral(post));
  } catch (error) {
    if (!(error instanceof RemoteError) || error.retryable) throw error;
    await sendDirectMessage(client, to, payload);
  }
}

/** Tells one person something in a direct message, where it stays until they look. */
export async function sendDirectMessage(
  client: WebClient,
  to: Person,
  payload: { text: string; blocks?: KnownBlock[] },
): Promise<void> {
  const channel = await directMessage(client, to.user);
  await call('chat.postMessage', () => client.chat.postMessage({ channel, ...payload }));
}

/** True when Slack took the message. */
async function respond({ responseUrl, at }: Origin, payload: object): Promise<boolean> {
  if (!responseUrl || Date.now() - Date.parse(at) > RESPONSE_URL_MS) return false;
  try {
    const answer = await fetch(responseUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, ...payload }),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    return answer.ok;
  } catch {
    return false;
  }
}
