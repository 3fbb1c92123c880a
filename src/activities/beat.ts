import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';

/** Beats this often, in milliseconds, so that a worker's death is noticed within the heartbeat time-out of 3 s. */
const BEAT_MS = 1000;

/**
 * Runs the work of an activity with a heartbeat on a timer (a quick one sends none) and the activity's cancellation
 * as an abort signal. A heartbeat carries the number of the attempt. An abort becomes the `CancelledFailure` that Temporal
 * takes for a cancellation, or, when the worker is being stopped, a failure of type `WorkerShutdown` with that number.
 */
export async function beating<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  const { attempt } = context.info;
  const timer = setInterval(() => context.heartbeat(attempt), BEAT_MS);
  try {
    return await work(context.cancellationSignal);
  } catch (error) {
    if (!context.cancellationSignal.aborted) throw error;
    if (context.cancellationDetails?.workerShutdown) {
      const message = 'The worker was stopped';
      throw ApplicationFailure.create({ type: 'WorkerShutdown', message, details: [attempt] });
    }
    throw new CancelledFailure('The activity was cancelled', [], error instanceof Error ? error : undefined);
  } finally {
    clearInterval(timer);
  }
}
