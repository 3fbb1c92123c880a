import { CancellationScope, log, rootCause } from '@temporalio/workflow';

/** Work beside a run's story: nobody waits for it until the run ends. */
export class Background {
  #work = new Set<Promise<unknown>>();

  track(work: Promise<unknown>): void {
    const tracked = work.finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  /** Does work, and leaves it undone where it fails. */
  attempt(work: () => Promise<unknown>): void {
    this.track(bestEffort(work));
  }

  /** Waits for all of it, and for work that begins meanwhile; `between` is called after each wait. */
  async settle(between: () => void): Promise<void> {
    while (this.#work.size > 0) {
      await Promise.all(this.#work);
      between();
    }
  }
}

/** Work beside the story that is done one piece after the other, each as far as it can be done. */
export class Sequence {
  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly background: Background) {}

  add(work: () => Promise<unknown>): void {
    this.#last = this.#last.then(() => bestEffort(work));
    this.background.track(this.#last);
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
