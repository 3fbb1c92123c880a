import { CancellationScope, sleep } from '@temporalio/workflow';

/** Waits for the first of these, for `waitMs` at most, on one timer, which is cancelled when one of them comes first. Throws when the run is cancelled. */
export async function firstWithin<T>(waitMs: number, hoped: readonly PromiseLike<T>[]): Promise<T | 'due'> {
  const timer = new CancellationScope();
  const due = timer.run(async (): Promise<'due'> => {
    await sleep(waitMs);
    return 'due';
  });
  try {
    return await Promise.race([...hoped, due]);
  } finally {
    timer.cancel();
    due.catch(() => 'the timer was cancelled, because something came first');
  }
}
