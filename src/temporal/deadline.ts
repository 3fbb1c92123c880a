import type { Client } from '@temporalio/client';
import { CountersignError } from '../core/errors.js';

/** How long a person's click or command waits for Temporal's answer, in milliseconds. Slack gives up after 3 s. */
export const ANSWER_WITHIN_MS = 2_000;

/** Temporal didn't answer in time: the call may have been taken or not. */
export class NotConfirmed extends CountersignError {
  override readonly name = 'NotConfirmed';
}

/**
 * Makes one call and gives it up after `ANSWER_WITHIN_MS`. A client deadline alone is slept past by the retry interceptor,
 * so the call is aborted too: a retry that gets through later would act after the person was told that it couldn't be confirmed.
 */
export async function withinDeadline<T>(client: Client, work: () => Promise<T>): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      abort.abort();
      reject(new NotConfirmed('NotConfirmed', 'Temporal did not answer in time'));
    }, ANSWER_WITHIN_MS);
  });
  const call = client.withAbortSignal(abort.signal, work);
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
    call.catch(() => 'given up: the person has been answered');
  }
}
