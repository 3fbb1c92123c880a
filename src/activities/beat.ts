import { CancelledFailure, Context } from '@temporalio/activity';

/** Beats this often, in milliseconds, so that a worker's death is noticed within the heartbeat time-out of 3 s. */
const BEAT_MS = 1000;

/**
 * Runs the work of an activity with a heartbeat on a timer (a quick one sends none) and the activity's cancellation
 * as an abort signal. An abort becomes the `CancelledFailure` that Temporal takes for a cancellation.
 */
export async function beating<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), BEAT_MS);
  try {
    return await work(context.cancellationSignal);
  } catch (error) {
    if (context.cancellationSignal.aborted) {
      throw new CancelledFailure(
        'The activity was cancelled',
        [],
        error instanceof Error ? error : undefined,
      );
    }
    throw error;
  } finally {
    clearInterval(timer);
  }
}
