import Anthropic from '@anthropic-ai/sdk';
import { RemoteError } from '../../platform/errors.js';

/**
 * Longest waits for the beginning of an answer, in milliseconds. An answer that streams goes on; its length is bounded by the time-out of the activity
 * that asks.
 */
export const PATIENCE_MS = { search: 60_000, plan: 120_000, turn: 300_000 };

/** An answer of which nothing came for so long has broken off, in milliseconds. */
const SILENCE_MS = 30_000;

/** Aborts a request whose answer doesn't begin in time. `hear` is to be called for each part of it, and `end` when the request is over. */
export function startPatience(patienceMs: number, abort: AbortController) {
  let isOver = false;
  let heardAt = Date.now();
  const timer = setTimeout(() => {
    isOver = true;
    abort.abort();
  }, patienceMs);
  return {
    end: () => clearTimeout(timer),
    /** Notes that a part of the answer came. */
    hear(): void {
      clearTimeout(timer);
      heardAt = Date.now();
    },
    /** Throws the error of an aborted request: its time is up, or nobody wants the answer. @throws RemoteError or APIUserAbortError */
    stop({ reason }: AbortSignal): never {
      if (!(reason instanceof RemoteError)) throw new Anthropic.APIUserAbortError();
      const silentMs = Date.now() - heardAt;
      if (silentMs < SILENCE_MS) throw reason;
      const message = `The model's answer broke off: nothing came for ${Math.floor(silentMs / 1000)} s.`;
      throw new RemoteError('Interrupted', message, { retryable: true });
    },
    /** Throws if the answer did not begin in time. @throws RemoteError */
    check(): void {
      if (!isOver) return;
      const message = `The model did not begin to answer within ${Math.ceil(patienceMs / 1000)} s.`;
      throw new RemoteError('NoAnswer', message, { retryable: true });
    },
  };
}
