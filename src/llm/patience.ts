import { RemoteError } from '../platform/errors.js';

/**
 * Longest waits for the beginning of an answer, in milliseconds. An answer that streams goes on; its length is bounded by the time-out of the activity
 * that asks.
 */
export const PATIENCE_MS = { search: 60_000, plan: 120_000, turn: 300_000 };

/** Aborts a request whose answer doesn't begin in time. `end` is to be called when it begins, and when the request is over. */
export function startPatience(patienceMs: number, abort: AbortController) {
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    abort.abort();
  }, patienceMs);
  return {
    end: () => clearTimeout(timer),
    /** Throws if the answer did not begin in time. @throws RemoteError */
    check(): void {
      if (!isOver) return;
      const message = `The model did not begin to answer within ${Math.ceil(patienceMs / 1000)} s.`;
      throw new RemoteError('NoAnswer', message, { retryable: true });
    },
  };
}
