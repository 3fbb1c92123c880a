import { ActivityFailure, ApplicationFailure, sleep, TimeoutFailure } from '@temporalio/workflow';

/** A call that ends its worker this often is given up. */
const MAX_INTERRUPTIONS = 20;

/** After so many the next waits, so that a call which kills its worker doesn't kill the next one at once. */
const AT_ONCE = 3;
const PAUSE = '10 seconds';

/**
 * Makes a call again, at once, when the worker died in it or was stopped: crashes and deploys don't use up the attempts.
 *
 * @param call Gets the number of attempts that are left.
 */
export async function retryInterrupted<T>(
  maximumAttempts: number,
  call: (attemptsLeft: number) => Promise<T>,
): Promise<T> {
  let left = maximumAttempts;
  for (let interruptions = 1; ; interruptions += 1) {
    try {
      return await call(left);
    } catch (error) {
      const attempt = interruptedAttempt(error);
      if (attempt === undefined || interruptions > MAX_INTERRUPTIONS) throw error;
      left -= attempt - 1;
      if (interruptions > AT_ONCE) await sleep(PAUSE);
    }
  }
}

/** Number of the attempt that was interrupted, from 1; undefined when the call failed otherwise. The attempts before it were faults. */
function interruptedAttempt(error: unknown): number | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  if (cause instanceof TimeoutFailure && cause.timeoutType === 'HEARTBEAT') {
    return attemptIn(cause.lastHeartbeatDetails);
  }
  if (cause instanceof ApplicationFailure && cause.type === 'WorkerShutdown') {
    return attemptIn(cause.details?.[0]);
  }
  return undefined;
}

/** A worker that died before its first heartbeat left no number: then no attempt is counted. */
function attemptIn(details: unknown): number {
  return typeof details === 'number' && details >= 1 ? details : 1;
}
