import { withDeadline } from '../../platform/deadline.js';
import { CountersignError } from '../../platform/errors.js';
import { withTimeout } from '../../platform/with-timeout.js';

/** Time for the work that must be durable before its acknowledgement, in milliseconds. Slack allows 3 s from its servers to ours and back. */
const DURABLE_WITHIN_MS = 2_000;

/** Longest wait for an answer that comes after the acknowledgement, in milliseconds. */
const ANSWER_WITHIN_MS = 10_000;

/** Latest acknowledgement, in milliseconds after the payload came in. */
export const ACKNOWLEDGE_WITHIN_MS = 2_200;

/**
 * Does the work that must be durable before Slack gets its acknowledgement. All other work comes after the acknowledgement.
 *
 * @throws CountersignError with code `TooSlow` when the time is up. Temporal is then asked for nothing more.
 */
export function beDurable<T>(work: () => Promise<T>): Promise<T> {
  return withDeadline(DURABLE_WITHIN_MS, work, tooSlow(DURABLE_WITHIN_MS));
}

/** Does the work that comes after the acknowledgement. @throws CountersignError with code `TooSlow` */
export function answerLater<T>(work: () => Promise<T>): Promise<T> {
  return withTimeout(ANSWER_WITHIN_MS, work, tooSlow(ANSWER_WITHIN_MS));
}

function tooSlow(timeoutMs: number): () => never {
  return () => {
    throw new CountersignError('TooSlow', `Slack, Temporal and the ledger took over ${timeoutMs} ms`);
  };
}
