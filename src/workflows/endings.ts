import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  log,
  rootCause,
  workflowInfo,
} from '@temporalio/workflow';
import type { Decision } from '../approval/decision.js';
import type { CardState, Sealed } from '../run/card.js';
import type { ResumePoint } from '../run/input.js';
import type { RunFailure, RunOutcome } from '../run/state.js';
import { tellPrivately } from './messages/tell-privately.js';
import { enterState, type RunContext, settle } from './run.js';
import { postCard } from './runtime/activities.js';
import { withVersion } from './runtime/workflow-version.js';
import { StepFailed } from './try-step.js';

/** A card's last states: the run's last entry stands in the ledger before they are shown. */
type LastState = Extract<CardState, Sealed>;

/** Ends the run: its last entry is written, then its card says so, with the end of the chain in the ledger. */
export async function finish(
  context: RunContext,
  outcome: RunOutcome,
  state: LastState,
): Promise<RunOutcome> {
  context.ledger.record('ended', outcome);
  await CancellationScope.nonCancellable(async () => {
    context.cards.show({ ...state, ...(await seal(context)) });
    await settle(context);
  });
  return outcome;
}

export async function reject(context: RunContext, decision: Decision): Promise<RunOutcome> {
  return await finishPlan(context, { state: 'rejected', decision }, { kind: 'rejected', decision });
}

export async function expire(context: RunContext): Promise<RunOutcome> {
  return await finishPlan(context, { state: 'expired' }, { kind: 'expired', at: new Date().toISOString() });
}

/** Ends a run that was cancelled, or whose step failed for good. Any other error is a defect of ours: the task fails and is tried again. */
export async function endEarly(context: RunContext, error: unknown): Promise<RunOutcome> {
  if (isCancellation(error)) return await cancel(context);
  if (error instanceof StepFailed) return await fail(context, error.failure);
  throw error;
}

async function cancel(context: RunContext): Promise<RunOutcome> {
  const { cancelledBy, stoppedWhy, resume } = context.run;
  const by = { ...(cancelledBy && { by: cancelledBy }), ...(stoppedWhy && { why: stoppedWhy }) };
  context.requests.closeAll({ reason: 'over', state: 'cancelled' });
  const done = resume.execution?.done ?? [];
  return await finishPlan(
    context,
    { state: 'cancelled', ...by },
    {
      kind: 'cancelled',
      at: new Date().toISOString(),
      votes: resume.approved?.votes ?? [],
      ...by,
      ...(done.length > 0 && { done }),
    },
  );
}

/** Ends a run whose plan may still be asked about in direct messages. */
async function finishPlan(context: RunContext, outcome: RunOutcome, state: LastState): Promise<RunOutcome> {
  const { run, cards } = context;
  enterState(run, outcome.state);
  if (cards.current) run.planItem?.notices.close(cards.draw(state), cards.current);
  return await finish(context, outcome, state);
}

async function fail(context: RunContext, failure: RunFailure): Promise<never> {
  const { run, cards, requests, ledger } = context;
  enterState(run, 'failed');
  run.failure = failure;
  requests.closeAll({ reason: 'over', state: 'failed' });
  ledger.record('ended', { state: 'failed', failure });
  await showFailure(context, failure);
  await settle(context);
  const resume: ResumePoint = { ...run.resume, ...(cards.current && { card: cards.current }) };
  throw ApplicationFailure.create({
    type: 'RunFailed',
    nonRetryable: true,
    message: `The ${failure.step} failed: ${failure.message}`,
    details: [failure, resume, withVersion(run.input)],
  });
}

/** Says on the card what failed; without a card posts one, and where that can't be done tells the requester. */
async function showFailure(context: RunContext, failure: RunFailure): Promise<void> {
  const { run, cards, background } = context;
  const { runId, requester, channel } = run.input;
  const executionId = workflowInfo().runId;
  const votes = run.resume.approved?.votes ?? [];
  const state: CardState = { kind: 'failed', failure, executionId, votes, ...(await seal(context)) };
  const tell = () =>
    tellPrivately(run.input, background, requester, { kind: 'cannot-post', channel, failure, executionId });
  if (cards.current) {
    cards.show(state, tell);
    return;
  }
  if (failure.step === 'post') {
    tell();
    return;
  }
  try {
    cards.current = await postCard({
      channel,
      key: `${runId}/${executionId}/failed`,
      card: cards.draw(state),
    });
  } catch (error) {
    log.error('The failure could not be posted', { error: rootCause(error) ?? String(error) });
    tell();
  }
}

async function seal({ ledger }: RunContext): Promise<Sealed> {
  const head = await ledger.seal();
  return head ? { head } : {};
}
