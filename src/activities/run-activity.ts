import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import type { Beat, CallEnd } from '../run/execution/call-end.js';
import { bounded, toFailure } from './activity-failure.js';

/** Interval of heartbeats, in milliseconds. A dead worker is noticed within the heartbeat time-out, which each kind of activity has. */
const BEAT_MS = 1000;

/**
 * Runs the work of an activity with a heartbeat on a timer (a quick one sends none). The work gets the activity's cancellation as an
 * abort signal. A heartbeat carries the number of the attempt.
 *
 * @param endOf Reads the end of a tool call from its answer. The last heartbeat carries the end, which is so told apart from a silence.
 * @throws CancelledFailure after a cancellation.
 * @throws ApplicationFailure of type `WorkerShutdown`, with the attempt's number, when the worker is being stopped.
 * @throws ApplicationFailure of the error's code for a `RemoteError`, with the attempt's number and the wait that the other side asked for.
 */
export async function runActivity<T>(
  work: (signal: AbortSignal) => Promise<T>,
  endOf?: (done: T) => CallEnd,
): Promise<T> {
  const context = Context.current();
  const { attempt } = context.info;
  let hasBeaten = false;
  const beat = (details: Beat) => {
    hasBeaten = true;
    context.heartbeat(details);
  };
  const timer = setInterval(() => beat(attempt), BEAT_MS);
  try {
    const done = await work(context.cancellationSignal);
    // Each heartbeat is billed. The answer of a quick activity is there before a heartbeat would be missed.
    if (endOf && hasBeaten) beat({ attempt, end: endOf(done) });
    return done;
  } catch (error) {
    if (!context.cancellationSignal.aborted) throw toFailure(error, attempt);
    if (context.cancellationDetails?.workerShutdown) {
      const message = 'The worker was stopped';
      throw ApplicationFailure.create({ type: 'WorkerShutdown', message, details: [attempt] });
    }
    throw new CancelledFailure('The activity was cancelled', [], bounded(error));
  } finally {
    clearInterval(timer);
  }
}
