import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { cut } from '../platform/cut.js';
import { RemoteError, reasonOf } from '../platform/errors.js';
import { wellFormed } from '../platform/well-formed.js';

/** Limits for a failure: characters of each message and of each stack, and the number of causes. Temporal refuses a failure over 2 MB. */
const MAX_MESSAGE = 2_000;
const MAX_STACK = 4_000;
const MAX_CAUSES = 3;

/**
 * Converts an error for Temporal: its retry policy is the only one there is. All texts are cut, because an attempt whose failure Temporal
 * refuses does not end: it times out, and is made again. `details`: the attempt, and the wait in milliseconds that the other side asked for.
 */
export function toFailure(error: unknown, attempt: number): unknown {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  const cause = bounded(error);
  if (!(error instanceof RemoteError)) {
    const type = error instanceof Error ? error.constructor.name : 'Error';
    return ApplicationFailure.create({ type, message: cause.message, cause });
  }
  return ApplicationFailure.create({
    type: cut(error.code, MAX_MESSAGE),
    message: cause.message,
    nonRetryable: !error.retryable,
    cause,
    details: [attempt, error.retryAfterMs],
    ...(error.retryAfterMs !== undefined && { nextRetryDelay: error.retryAfterMs }),
  });
}

/** Copies an error and its causes, with texts that Temporal takes. Some errors of Node can't be changed in place. */
export function bounded(error: unknown, causes: number = MAX_CAUSES): Error {
  const message = cut(wellFormed(reasonOf(error)), MAX_MESSAGE);
  if (!(error instanceof Error)) return new Error(message);
  const { name, stack, cause } = error;
  const hasCause = cause !== undefined && causes > 0;
  const copy = new Error(message, hasCause ? { cause: bounded(cause, causes - 1) } : {});
  return Object.assign(copy, { name, stack: cut(wellFormed(stack ?? ''), MAX_STACK) });
}
