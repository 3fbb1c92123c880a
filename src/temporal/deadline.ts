import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { timeLeft } from '../platform/deadline.js';
import { CountersignError } from '../platform/errors.js';
import { withTimeout } from '../platform/with-timeout.js';

/** Longest wait for Temporal when a person clicks or gives a command, in milliseconds. Slack allows 3 s. */
export const ANSWER_WITHIN_MS = 2_000;

/** gRPC statuses for which a retry helps: the run is busy, another call interfered, or the server is unreachable. */
const PASSING = new Set([8, 10, 13, 14]);

/** Pause before a retry, in milliseconds. */
const RETRY_MS = 100;

/** Temporal didn't answer in time. The call may or may not have taken effect. */
export class NotConfirmed extends CountersignError {
  override readonly name = 'NotConfirmed';
}

/**
 * Calls Temporal, with retries while the server is unavailable or busy. The call is aborted after `ANSWER_WITHIN_MS`, or at the deadline of the
 * work that calls. A later retry would act after the person was told that the result is unknown.
 *
 * The SDK aborts only calls that have begun, so `work` must check the signal between its calls.
 *
 * @throws NotConfirmed
 */
export async function withinDeadline<T>(
  client: Client,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const notConfirmed = (): never => {
    throw new NotConfirmed('NotConfirmed', 'Temporal did not answer in time');
  };
  const timeoutMs = timeLeft(ANSWER_WITHIN_MS);
  if (timeoutMs === 0) notConfirmed();
  const call = (signal: AbortSignal) => {
    // Each call adds a listener to the signal, and many calls fit into the deadline.
    setMaxListeners(0, signal);
    return client.withAbortSignal(signal, () => persist(() => work(signal), signal));
  };
  return await withTimeout(timeoutMs, call, notConfirmed);
}

async function persist<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !PASSING.has(grpcErrorIn(error)?.code ?? 0)) throw error;
    }
    await delay(RETRY_MS, undefined, { signal });
  }
}

/** Finds the server's gRPC error inside an error of the SDK. */
export function grpcErrorIn(error: unknown) {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause : undefined;
}
