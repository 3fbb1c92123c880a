import { Context } from '@temporalio/activity';
import { RemoteError } from '../platform/errors.js';

/** Share of an attempt's time that the model may use. The rest is for the end of the attempt. */
const SHARE = 0.97;

/**
 * Ends work of the model a little before its attempt times out. After the time-out Temporal would make the attempt again from its beginning: as long
 * and as dear as before, up to five times. The work's signal aborts with the error that it is to throw.
 */
export async function beforeTimeout<T>(
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { startToCloseTimeoutMs } = Context.current().info;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(tooSlow(startToCloseTimeoutMs)), startToCloseTimeoutMs * SHARE);
  try {
    return await work(AbortSignal.any([signal, abort.signal]));
  } finally {
    clearTimeout(timer);
  }
}

function tooSlow(timeoutMs: number): RemoteError {
  const message = `The model was not ready after ${Math.ceil(timeoutMs / 60_000)} minutes, though it went on. Make the goal smaller, lower ANTHROPIC_EFFORT, or choose a faster model (ANTHROPIC_MODEL).`;
  return new RemoteError('TooSlow', message);
}
