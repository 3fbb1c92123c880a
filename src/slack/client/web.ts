import { LogLevel, WebClient, type WebClientOptions } from '@slack/web-api';
import { RemoteError } from '../../errors.js';
import type { MessageRef } from '../../run/run.js';
import { toRemoteError } from './failures.js';

/** How long one call to Slack may take before it is given up and tried again by Temporal, in milliseconds. */
const CALL_TIMEOUT_MS = 10_000;

/** A client for activities: no retries of its own, because Temporal owns them. */
export function createWebClient(token: string, options: Pick<WebClientOptions, 'slackApiUrl'>): WebClient {
  return new WebClient(token, {
    ...options,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: CALL_TIMEOUT_MS,
    logLevel: LogLevel.ERROR,
  });
}

/** Makes one call and throws what it throws as a `RemoteError` that names the method. */
export async function call<T>(method: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toRemoteError(method, error);
  }
}

/** The channel id of the direct message with a person. */
export async function directMessage(client: WebClient, user: string): Promise<string> {
  const { channel } = await call('conversations.open', () => client.conversations.open({ users: user }));
  return channel?.id ?? user;
}

/** The message's address; a link is a kindness, so without one the words stand alone. */
export async function permalink(client: WebClient, ref: MessageRef): Promise<string | undefined> {
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

/** A person's direct message; any other id is a channel's. */
export async function channelOf(client: WebClient, to: string): Promise<string> {
  return /^[UW]/.test(to) ? await directMessage(client, to) : to;
}
