import type { KnownBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Person } from '../../approval/person.js';
import { RemoteError } from '../../errors.js';
import type { Origin } from '../../run/run.js';
import { call, directMessage } from './web.js';

/** A `response_url` works this long, in milliseconds; a minute is kept back. Source: Slack's "Handling user interaction". */
const RESPONSE_URL_MS = 29 * 60_000;
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Tells one person something, where only they see it: by the command's `response_url` while it works (it does even where the
 * bot isn't a member), else as an ephemeral message in the channel or thread, else in a direct message.
 */
export async function whisper(
  client: WebClient,
  to: Person,
  words: { text: string; blocks?: KnownBlock[] },
  where: { channel: string; thread?: string } | { origin: Origin },
): Promise<void> {
  if ('origin' in where && (await respond(where.origin, words))) return;
  const { channel, thread } = 'origin' in where ? where.origin : where;
  const post = { channel, user: to.user, ...(thread && { thread_ts: thread }), ...words };
  try {
    await call('chat.postEphemeral', () => client.chat.postEphemeral(post));
  } catch (error) {
    if (!(error instanceof RemoteError) || error.retryable) throw error;
    await sendDirectMessage(client, to, words);
  }
}

/** Tells one person something in a direct message, where it stays until they look. */
export async function sendDirectMessage(
  client: WebClient,
  to: Person,
  words: { text: string; blocks?: KnownBlock[] },
): Promise<void> {
  const channel = await directMessage(client, to.user);
  await call('chat.postMessage', () => client.chat.postMessage({ channel, ...words }));
}

/** True when the words were taken. */
async function respond(origin: Origin, words: object): Promise<boolean> {
  if (!origin.responseUrl || Date.now() - Date.parse(origin.at) > RESPONSE_URL_MS) return false;
  try {
    const answer = await fetch(origin.responseUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, ...words }),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    return answer.ok;
  } catch {
    return false;
  }
}
