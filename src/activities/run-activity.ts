import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { bounded, toFailure } from './activity-failure.js';

/** Interval of heartbeats, in milliseconds. A dead worker is noticed within the heartbeat time-out of 3 s. */
const BEAT_MS = 1000;

/**
 * Runs the work of an activity with a heartbeat on a timer (a quick one sends none). The work gets the activity's cancellation as an
 * abort signal. A heartbeat carries the number of the attempt.
 *
 * @throws CancelledFailure after a cancellation; ApplicationFailure of type `WorkerShutdown`, with the attempt's number, when the worker
 * is being stopped; ApplicationFailure of the error's code for a `RemoteError`.
 */
export async function runActivity<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  const { attempt } = context.info;
  const timer = setInterval(() => context.heartbeat(attempt), BEAT_MS);
  try {
    return await work(context.cancellationSignal);
  } catch (error) {
    if (!context.cancellationSignal.aborted) throw toFailure(error);
    if (context.cancellationDetails?.workerShutdown) {
      const message = 'The worker was stopped';
      throw ApplicationFailure.create({ type: 'WorkerShutdown', message, details: [attempt] });
    }
    throw new CancelledFailure('The activity was cancelled', [], bounded(error));
  } finally {
    clearInterval(timer);
  }
}
