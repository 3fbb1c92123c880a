import { AsyncLocalStorage } from 'node:async_hooks';
import { withTimeout } from './with-timeout.js';

/** Time at which the work in progress must be done, in milliseconds of `performance.now()`. */
const deadlines = new AsyncLocalStorage<number>();

/** Does work that has `timeoutMs` in all. Each of its calls can ask `timeLeft`, so that nothing begins after the time is up. */
export function withDeadline<T, U>(timeoutMs: number, work: () => Promise<T>, onTimeout: () => U) {
  return withTimeout(timeoutMs, () => deadlines.run(performance.now() + timeoutMs, work), onTimeout);
}

/** Time that is left of the work's deadline, in milliseconds: at most `mostMs`, and 0 after the deadline. */
export function timeLeft(mostMs: number): number {
  const deadline = deadlines.getStore();
  return deadline === undefined ? mostMs : Math.max(0, Math.min(mostMs, deadline - performance.now()));
}
