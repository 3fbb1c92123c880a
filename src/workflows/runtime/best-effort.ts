import { CancellationScope, log, rootCause } from '@temporalio/workflow';

/** Work beside a run's story: nobody waits for it until the run ends. */
export class Background {
  #work = new Set<Promise<unknown>>();

  track(work: Promise<unknown>): void {
    const tracked = work.finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  /** Waits for all of it, and for work that begins meanwhile; `between` is called after each wait. */
  async settle(between: () => void): Promise<void> {
    while (this.#work.size > 0) {
      await Promise.all(this.#work);
      between();
    }
  }
}

/** Does work whose failure doesn't fail the run, and which a cancelled run still finishes. False when it could not be done. */
export async function bestEffort(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await CancellationScope.nonCancellable(work);
    return true;
  } catch (error) {
    log.error('Left undone', { error: rootCause(error) ?? String(error) });
    return false;
  }
}
