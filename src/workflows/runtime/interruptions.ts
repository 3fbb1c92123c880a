import { ActivityFailure, ApplicationFailure, sleep, TimeoutFailure } from '@temporalio/workflow';
import { type CallEnd, readBeat } from '../../run/execution/call-end.js';

/** A call that ends its worker this often is given up. */
const MAX_INTERRUPTIONS = 20;

/** After so many the next waits, so that a call which kills its worker doesn't kill the next one at once. */
const AT_ONCE = 3;
const PAUSE = '10 seconds';

/** Failure types of a model that takes no request now. They end an attempt for good, and use up none of the attempts. */
export const AWAY: readonly string[] = ['Overloaded', 'Unreachable'];

/** A call's failure because the model takes no request now. */
export interface ModelAway {
  message: string;
  /** Wait that the model asked for, in milliseconds. */
  retryAfterMs: number;
}

/** Waits before the next attempt. Throws when the wait is to end. */
export type AwaitModel = (away: ModelAway) => Promise<void>;

/**
 * Makes a call again, at once, when the worker died in it or was stopped: crashes and deploys don't use up the attempts. With `awaitModel`, a call that
 * finds the model away is made again after that wait.
 *
 * @param call Gets the number of attempts that are left.
 */
export async function retryInterrupted<T>(
  maximumAttempts: number,
  call: (attemptsLeft: number) => Promise<T>,
  awaitModel?: AwaitModel,
): Promise<T> {
  let left = maximumAttempts;
  for (let interruptions = 0; ; ) {
    try {
      return await call(left);
    } catch (error) {
      const away = awaitModel && applicationFailure(error, AWAY);
      const attempt = away ? readBeat(away.details?.[0]).attempt : interruptedAttempt(error);
      if (attempt === undefined || interruptions >= MAX_INTERRUPTIONS) throw error;
      left -= attempt - 1;
      if (away) {
        await awaitModel({ message: away.message, retryAfterMs: Number(away.details?.[1]) || 0 });
        continue;
      }
      interruptions += 1;
      if (interruptions > AT_ONCE) await sleep(PAUSE);
    }
  }
}

/** Number of the attempt that was interrupted, from 1; undefined when the call failed otherwise. The attempts before it were faults. */
function interruptedAttempt(error: unknown): number | undefined {
  const silence = silenceIn(error);
  if (silence) return silence.attempt;
  const shutdown = applicationFailure(error, ['WorkerShutdown']);
  return shutdown && readBeat(shutdown.details?.[0]).attempt;
}

/** Last heartbeat of an activity whose next one is missing: its worker died, or is cut off from Temporal. Undefined for any other failure. */
export function silenceIn(error: unknown): { attempt: number; end?: CallEnd } | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const isSilence = cause instanceof TimeoutFailure && cause.timeoutType === 'HEARTBEAT';
  return isSilence ? readBeat(cause.lastHeartbeatDetails) : undefined;
}

/** Failure of an activity that has one of these types. */
function applicationFailure(error: unknown, types: readonly string[]): ApplicationFailure | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && types.includes(cause.type ?? '') ? cause : undefined;
}
