import { ActivityFailure, ApplicationFailure, isCancellation, TimeoutFailure } from '@temporalio/workflow';
import type { RunFailure, RunStep } from '../run/state.js';

/** A step failed for good. The message is for people. */
export class StepFailed extends Error {
  constructor(readonly failure: RunFailure) {
    super(failure.message);
  }
}

/** Runs one step; an activity that fails for good ends the run with the reason. Throws `StepFailed`, or the cancellation of the run. */
export async function tryStep<T>(step: RunStep, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    const code = cause instanceof ApplicationFailure ? (cause.type ?? 'Error') : (cause?.name ?? 'Error');
    throw new StepFailed({ step, code, message: reasonOf(error) });
  }
}

/** Reason of a failed activity, in words. */
export function reasonOf({ cause, message }: ActivityFailure): string {
  return cause instanceof TimeoutFailure ? 'There was no answer in time.' : (cause?.message ?? message);
}
