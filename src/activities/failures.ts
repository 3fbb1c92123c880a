import { ApplicationFailure } from '@temporalio/activity';
import { RemoteError } from '../errors.js';

/** Tells Temporal whether to try again, and when: its retry policy is the only one there is. */
export function toFailure(error: unknown): unknown {
  if (!(error instanceof RemoteError)) return error;
  return ApplicationFailure.create({
    type: error.code,
    message: error.message,
    nonRetryable: !error.retryable,
    cause: error,
    ...(error.retryAfterMs !== undefined && { nextRetryDelay: error.retryAfterMs }),
  });
}

/** Runs the work and throws what it throws as Temporal's failures. */
export async function withFailures<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toFailure(error);
  }
}
