import { CancellationScope, log, rootCause } from '@temporalio/workflow';

/** What goes on beside a run's story. */
export class Background {
  #work = new Set<Promise<void>>();

  track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  /** Waits for all of it, and for what begins meanwhile; `between` is done after each wait. */
  async settle(between: () => void): Promise<void> {
    while (this.#work.size > 0) {
      await Promise.all(this.#work);
      between();
    }
  }
}

/** What goes on beside the story doesn't fail it, and a cancelled run still finishes it. False when it could not be done. */
export async function quietly(work: () => Promise<void>): Promise<boolean> {
  try {
    await CancellationScope.nonCancellable(work);
    return true;
  } catch (error) {
    log.error('Left undone', { error: rootCause(error) ?? String(error) });
    return false;
  }
}
