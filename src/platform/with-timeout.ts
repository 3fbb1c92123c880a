/**
 * Waits for `work` for `timeoutMs` at most. Then the signal that the work was given aborts, and `onTimeout` decides: its value is the
 * result, or it throws. A failure of the work after that time is ignored.
 */
export async function withTimeout<T, U>(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  onTimeout: () => U,
): Promise<T | U> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error('timed out')), timeoutMs);
  try {
    return await untilAborted(work(abort.signal), abort.signal);
  } catch (error) {
    if (!abort.signal.aborted) throw error;
    return onTimeout();
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for work that can't be stopped itself. Rejects with the signal's reason as soon as the signal aborts. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
