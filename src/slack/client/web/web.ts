import { LogLevel, type WebAPICallResult, WebClient, type WebClientOptions } from '@slack/web-api';
import { RemoteError } from '../../../platform/errors.js';
import { reveal, type Secret } from '../../../platform/secret.js';
import { wellFormedData } from '../../../platform/well-formed.js';
import type { MessageRef } from '../../../run/message.js';
import { missing } from '../../../telemetry/warnings.js';
import type { MessagePayload } from '../../messages/kit/payload.js';
import { observed } from '../observed-fetch.js';
import { toRemoteError } from './failures.js';
import { UpdateBudget } from './update-budget.js';

/** Time-out of one call to Slack, in milliseconds. Temporal then retries. */
const CALL_TIMEOUT_MS = 10_000;

/** A client whose calls fail with a `RemoteError` that names the method. Half a character can't be sent: Slack's SDK throws on it. */
class ActivityClient extends WebClient {
  override async apiCall(method: string, options?: Record<string, unknown>): Promise<WebAPICallResult> {
    try {
      return await super.apiCall(method, wellFormedData(options));
    } catch (error) {
      throw toRemoteError(method, error);
    }
  }
}

/** Creates a client for activities. It doesn't retry, because Temporal does. Errors are `RemoteError`s. */
export function createWebClient(token: Secret, options: Pick<WebClientOptions, 'slackApiUrl'>): WebClient {
  const { fetch: send = fetch } = observed();
  return new ActivityClient(undefined, {
    ...options,
    fetch: (url, init) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${reveal(token)}`);
      return send(url, { ...init, headers });
    },
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    // In the client's queue a call would wait beyond its time-out, and post after the next attempt has looked.
    maxRequestConcurrency: Number.POSITIVE_INFINITY,
    timeout: CALL_TIMEOUT_MS,
    logLevel: LogLevel.ERROR,
  });
}

/** Does optional work: Slack's refusal is ignored. Failures that a retry can fix are thrown; without `alsoMendable`, those for an operator too. */
export async function ignoreRefusal(
  work: () => Promise<unknown>,
  { alsoMendable = false }: { alsoMendable?: boolean } = {},
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RemoteError) || error.retryable) throw error;
    if (error.operatorCanFix && !alsoMendable) throw error;
  }
}

/** Handler for a look-up that may be left out. A refusal of Slack, as for something that is gone, is an answer; any other error is counted. */
export function unlessRefused<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    const { retryable, operatorCanFix } = toRemoteError('', error);
    return retryable || operatorCanFix ? missing(otherwise)(error) : otherwise;
  };
}

const budgets = new WeakMap<WebClient, UpdateBudget>();

function budgetOf(client: WebClient): UpdateBudget {
  const budget = budgets.get(client) ?? new UpdateBudget();
  budgets.set(client, budget);
  return budget;
}

/** Shares Slack's limit for updates with so many processes, this one among them. */
export function shareUpdates(client: WebClient, processes: number): void {
  budgetOf(client).shareAmong(processes);
}

/**
 * Updates a message. All updates of a client share Slack's limit; `isProgress`: newer progress, and all other updates, may go first. Nothing is sent
 * once `signal` has aborted. Returns false for progress that was left out, because a newer update of its message was there.
 */
export async function updateMessage(
  client: WebClient,
  { channel, ts }: MessageRef,
  { text, blocks }: MessagePayload,
  { isProgress = false, signal }: { isProgress?: boolean; signal?: AbortSignal | undefined } = {},
): Promise<boolean> {
  const send = async () => {
    signal?.throwIfAborted();
    await client.chat.update({ channel, ts, text, blocks });
  };
  const budget = budgetOf(client);
  const message = `${channel}/${ts}`;
  if (isProgress) return await budget.sendProgress(message, send, signal);
  await budget.send(message, send, signal);
  return true;
}

/** Opens the direct message with a person. Returns its channel id. */
export async function directMessage(client: WebClient, user: string): Promise<string> {
  const { channel } = await client.conversations.open({ users: user });
  return channel?.id ?? user;
}

/** Channel id of a channel, or of a person's direct message. */
export async function channelOf(client: WebClient, to: string): Promise<string> {
  return /^[UW]/.test(to) ? await directMessage(client, to) : to;
}

/** Reads a message's link; undefined when Slack gives none, so texts must make sense without it. */
export async function permalink(client: WebClient, { channel, ts }: MessageRef): Promise<string | undefined> {
  const ask = client.chat.getPermalink({ channel, message_ts: ts });
  return await ask.then((answer) => answer.permalink, unlessRefused(undefined));
}
