import { upsertMemo } from '@temporalio/workflow';
import { escalated } from '../approval/policy.js';
import { type RunAdmission, whyNotAdmitted } from '../run/admission.js';
import { startedEvent } from '../run/event.js';
import type { RunInput } from '../run/input.js';
import { type RunContext, stopRun, tellPrivately } from './run.js';
import { admitRun } from './runtime/activities.js';
import { StepFailed, tryStep } from './try-step.js';

/**
 * Puts the beginning of the run on record. A run that a schedule started, or whose start Slack couldn't check, first asks whether it may begin. It
 * takes the channel and the policy of now. Throws when it may not begin, when the bot can't post its card, or when it is cancelled meanwhile.
 */
export async function awaitAdmission(context: RunContext): Promise<void> {
  const { run, ledger } = context;
  const { input } = run;
  const isPending = input.admission === 'pending';
  const mustAsk = (isPending || input.schedule !== undefined) && input.resume === undefined;
  let admission: RunAdmission | undefined;
  try {
    // Whoever gave a command knows already that it waits.
    if (mustAsk) admission = await askAdmission(input, { waits: isPending });
  } finally {
    if (!input.continued) ledger.record('started', startedEvent(input).data);
  }
  if (admission?.kind === 'unsure') {
    tellPrivately(context, input.requester, { kind: 'start-waits' });
    admission = await askAdmission(input, { waits: true });
  }
  if (input.cannotPost) throw new StepFailed(input.cannotPost);
  if (admission?.kind === 'cannot-post') throw new StepFailed(admission.failure);
  if (admission?.kind !== 'refused') return;
  const { refusal } = admission;
  tellPrivately(context, input.requester, { kind: 'not-admitted', refusal });
  run.isRequesterTold = true;
  await stopRun(context, whyNotAdmitted(refusal));
}

/** Asks the service, and takes over the channel and the policy that it names. `waits`: until Slack can say whether the requester may ask. */
async function askAdmission(input: RunInput, { waits }: { waits: boolean }): Promise<RunAdmission> {
  const { shortId, requester, origin } = input;
  const admission = await tryStep('search', () => admitRun({ shortId, requester, origin, waits }));
  const { channel, policy } = admission;
  const before = JSON.stringify([input.channel, input.policy]);
  if (channel !== input.channel) delete input.thread;
  Object.assign(input, { channel, policy });
  if (before !== JSON.stringify([channel, policy])) {
    upsertMemo({ channel, approvers: escalated(policy).approvers });
  }
  return admission;
}
