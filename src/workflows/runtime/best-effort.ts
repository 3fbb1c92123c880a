import { CancellationScope, condition, log, rootCause } from '@temporalio/workflow';

/** Work beside a run's story: nobody waits for it until the run ends. */
export class Background {
  #work = new Set<Promise<unknown>>();

  get isIdle(): boolean {
    return this.#work.size === 0;
  }

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

/** Resolves when everything else in the workflow has gone on as far as it can now. */
export async function whenIdle(): Promise<void> {
  // A condition is looked at when no promise is left to go on with. Those that were waiting before it go first, so it takes two.
  for (let turn = 0; turn < 2; turn += 1) {
    let isDue = false;
    const due = condition(() => isDue);
    isDue = true;
    await due;
  }
}

/** Work beside the story that is done one piece after the other, each as far as it can be done. */
export class Sequence {
  #last: Promise<unknown> = Promise.resolve();
  #left = 0;

  constructor(readonly background: Background) {}

  /** True when all of it is done. */
  get isIdle(): boolean {
    return this.#left === 0;
  }

  add(work: () => Promise<unknown>): void {
    this.#left += 1;
    this.#last = this.#last
      .then(() => bestEffort(work))
      .finally(() => {
        this.#left -= 1;
      });
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
