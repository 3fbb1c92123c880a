import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError } from '../../../platform/errors.js';
import { toRemoteError } from './failures.js';

/** Longest time that a start waits for Slack, in milliseconds. */
const PATIENCE_MS = 60_000;

/** First and longest pause between two attempts, in milliseconds. */
const PAUSE_MS = 500;
const MAX_PAUSE_MS = 10_000;

/** Options of a client whose calls are repeated here. */
export const ONE_ATTEMPT = { retryConfig: { retries: 0 }, rejectRateLimitedCalls: true, timeout: 10_000 };

export interface Attempts {
  method: string;
  /** Address for the error. */
  address: string;
  /** @default one minute */
  patienceMs?: number;
}

/**
 * Repeats a call to Slack while its failure may pass: an internal error, a rate limit, an unreachable host. Other failures are thrown at once.
 *
 * @throws ConfigError that names the address when the patience is over.
 */
export async function keepTrying<T>(
  { method, address, patienceMs = PATIENCE_MS }: Attempts,
  work: () => Promise<T>,
): Promise<T> {
  const giveUpAt = Date.now() + patienceMs;
  for (let pauseMs = PAUSE_MS; ; pauseMs = nextPause(pauseMs)) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      const { retryable, retryAfterMs = pauseMs, message } = toRemoteError(method, error);
      if (!retryable) throw error;
      const leftMs = giveUpAt - Date.now();
      if (leftMs <= 0) {
        const tried = `${address} failed for ${Math.round(patienceMs / 1000)} s: ${message}`;
        const text = `SLACK_API_URL: ${tried}. Check the network, the proxy and this address.`;
        throw new ConfigError('SLACK_API_URL', text, { cause: error });
      }
      await delay(Math.min(retryAfterMs, leftMs));
    }
  }
}

/** Doubles a pause, up to the longest. */
export function nextPause(pauseMs: number): number {
  return Math.min(2 * Math.max(pauseMs, PAUSE_MS), MAX_PAUSE_MS);
}
