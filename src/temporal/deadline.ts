import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { CountersignError } from '../errors.js';

/** How long a person's click or command waits for Temporal's answer, in milliseconds. Slack gives up after 3 s. */
export const ANSWER_WITHIN_MS = 2_000;

/**
 * gRPC's statuses that pass: the server is busy with that run (it is closing, say), another call came between, or it can't be
 * reached. A signal that is sent twice for it is judged once.
 */
const PASSING = new Set([8, 10, 13, 14]);

/** Temporal didn't answer in time: the call may have been taken or not. */
export class NotConfirmed extends CountersignError {
  override readonly name = 'NotConfirmed';
}

/** A call that failed for a moment is made again after this long, in milliseconds. */
const RETRY_MS = 100;

/**
 * Makes one call, again while the server is away or busy, and gives it up after `ANSWER_WITHIN_MS`. What was given up is aborted:
 * a retry that gets through later would act after the person was told that it couldn't be confirmed. Work that does more than call
 * Temporal checks the signal before it goes on: the SDK aborts only calls that it has begun.
 */
export async function withinDeadline<T>(
  client: Client,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  // Each call listens on it; there may be many within the deadline.
  setMaxListeners(0, abort.signal);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      abort.abort();
      reject(new NotConfirmed('NotConfirmed', 'Temporal did not answer in time'));
    }, ANSWER_WITHIN_MS);
  });
  const call = client.withAbortSignal(abort.signal, () => persist(() => work(abort.signal), abort.signal));
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
    call.catch(() => 'given up: the person has been answered');
  }
}

async function persist<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || !isPassing(error)) throw error;
      await delay(RETRY_MS);
      if (signal.aborted) throw error;
    }
  }
}

function isPassing(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && PASSING.has(cause.code);
}
