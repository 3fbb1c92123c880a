import type { Logger } from '../platform/log.js';

/** Steps of a stop. Parts are closed in reverse order of their start. */
export interface Stops {
  /** Adds the step that closes a part. It comes before the steps that were added earlier. */
  add(close: () => Promise<unknown>): void;
  /** Closes the parts. A part that can't be closed doesn't block the others. */
  run(): Promise<void>;
}

export function createStops(log: Logger): Stops {
  const steps: (() => Promise<unknown>)[] = [];
  return {
    add: (close) => void steps.unshift(close),
    async run() {
      for (let close = steps.shift(); close; close = steps.shift()) {
        await close().catch((err: unknown) => log.warn({ err }, 'A part could not be closed'));
      }
    },
  };
}
