import { ApplicationFailure, condition, continueAsNew, setHandler, upsertMemo } from '@temporalio/workflow';
import type { RunInput } from '../../../src/run/input.js';
import type { RunOutcome } from '../../../src/run/state.js';
import { cancelRun } from '../../../src/workflows/runtime/signals.js';

/** A run that goes on as new once. Tried again it does so as well, and then it is cancelled when it is asked to; at first it fails. */
export async function durableAIAgentWorkflow(input: RunInput): Promise<RunOutcome> {
  const { continued, resume } = input;
  upsertMemo({ ledgerHead: { sequence: (resume ? 10 : 0) + (continued ? 2 : 1), hash: 'a'.repeat(64) } });
  if (!continued) await continueAsNew<typeof durableAIAgentWorkflow>({ ...input, continued: true });
  let cancelled = false;
  setHandler(cancelRun, () => {
    cancelled = true;
  });
  await condition(() => cancelled);
  if (resume) return { state: 'cancelled' };
  const failure = { step: 'plan', code: 'Refused', message: 'No.' };
  const { continued: _, ...asked } = input;
  throw ApplicationFailure.create({
    type: 'RunFailed',
    nonRetryable: true,
    message: 'The plan failed',
    details: [failure, {}, asked],
  });
}
