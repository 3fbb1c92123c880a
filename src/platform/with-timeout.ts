/** Waits for `work`, at most `timeoutMs`. Then its signal aborts, and `onTimeout` returns the result or throws. Later failures are ignored. */
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

/** Waits for work that can't be stopped. Rejects with the signal's reason as soon as the signal aborts. */
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
