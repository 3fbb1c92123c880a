import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { CountersignError } from '../platform/errors.js';
import { withTimeout } from '../platform/with-timeout.js';

/** Longest wait of a person's click or command for Temporal's answer, in milliseconds. Slack gives up after 3 s. */
export const ANSWER_WITHIN_MS = 2_000;

/** gRPC's statuses that pass: the server is busy with that run, another call came between, or it can't be reached. */
const PASSING = new Set([8, 10, 13, 14]);

/** Pause before a call that failed for a moment is made again, in milliseconds. */
const RETRY_MS = 100;

/** Temporal didn't answer in time: the call may have been taken or not. */
export class NotConfirmed extends CountersignError {
  override readonly name = 'NotConfirmed';
}

/**
 * Makes one call, again while the server is away or busy, and aborts it after `ANSWER_WITHIN_MS`: a retry that gets through later would
 * act after the person was told that it couldn't be confirmed. Work that does more than call Temporal checks the signal before it goes on:
 * the SDK aborts only calls that have begun. @throws NotConfirmed
 */
export function withinDeadline<T>(client: Client, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const call = (signal: AbortSignal) => {
    // Each call listens on it; there may be many within the deadline.
    setMaxListeners(0, signal);
    return client.withAbortSignal(signal, () => persist(() => work(signal), signal));
  };
  return withTimeout(ANSWER_WITHIN_MS, call, () => {
    throw new NotConfirmed('NotConfirmed', 'Temporal did not answer in time');
  });
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

/** Finds the server's own error in one of the SDK. */
export function grpcErrorIn(error: unknown) {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause : undefined;
}
