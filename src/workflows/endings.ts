import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  log,
  rootCause,
  workflowInfo,
} from '@temporalio/workflow';
import type { CardState, Sealed } from '../run/card.js';
import type { ResumePoint } from '../run/input.js';
import type { MessageRef, ResultReport } from '../run/message.js';
import type { RunFailure, RunOutcome } from '../run/state.js';
import { enterState, type Run, type RunContext, settle, tellPrivately } from './run.js';
import { postCard, postResult } from './runtime/activities.js';
import { withVersion } from './runtime/workflow-version.js';
import { StepFailed, tryStep } from './try-step.js';

/** A card's last states: the run's last entry stands in the ledger before they are shown. */
type LastState = Extract<CardState, Sealed>;

/** Ends the run: its last entry is written, then its card says so, with the end of the chain in the ledger. */
export async function finish(
  context: RunContext,
  outcome: RunOutcome,
  state: LastState,
): Promise<RunOutcome> {
  enterState(context.run, outcome.state);
  context.ledger.record('ended', outcome);
  await CancellationScope.nonCancellable(async () => {
    context.cards.show({ ...state, ...(await seal(context)) });
    await settle(context);
  });
  return outcome;
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
  const at = new Date().toISOString();
  const votes = resume.approved?.votes ?? [];
  const done = resume.execution?.done ?? [];
  context.requests.closeAll({ reason: 'over', state: 'cancelled' });
  return await finish(
    context,
    { state: 'cancelled', ...by },
    { kind: 'cancelled', at, votes, ...by, ...(done.length > 0 && { done }) },
  );
}

async function fail(context: RunContext, failure: RunFailure): Promise<never> {
  const { run, cards, requests, ledger } = context;
  enterState(run, 'failed');
  run.failure = failure;
  requests.closeAll({ reason: 'over', state: 'failed' });
  ledger.record('ended', { state: 'failed', failure });
  await showFailure(context, failure);
  await settle(context);
  const resume: ResumePoint = { ...run.resume, ...cards.place };
  // A retry is no continuation: it has a beginning of its own on record.
  const { continued: _, ...input } = run.input;
  throw ApplicationFailure.create({
    type: 'RunFailed',
    nonRetryable: true,
    message: `The ${failure.step} failed: ${failure.message}`,
    details: [failure, resume, withVersion(input)],
  });
}

/** Says on the card what failed; without a card posts one, and where that can't be done tells the requester. */
async function showFailure(context: RunContext, failure: RunFailure): Promise<void> {
  const { run, cards } = context;
  const { shortId, requester, channel } = run.input;
  const executionId = workflowInfo().runId;
  const votes = run.resume.approved?.votes ?? [];
  const state: CardState = { kind: 'failed', failure, executionId, votes, ...(await seal(context)) };
  const tell = () =>
    tellPrivately(context, requester, { kind: 'cannot-post', channel, failure, executionId });
  if (cards.current) return cards.show(state, tell);
  if (failure.step === 'post') return tell();
  const key = `${shortId}/${executionId}/failed`;
  try {
    cards.current = await postCard({ channel, key, card: cards.draw(state) });
  } catch (error) {
    log.error('The failure could not be posted', { error: rootCause(error) ?? String(error) });
    tell();
  }
}

async function seal({ ledger }: RunContext): Promise<Sealed> {
  const head = await ledger.seal();
  return head ? { head } : {};
}

/** Posts the result under the card; where that can't be done for good, to the requester (`direct`). */
export function deliverResult(
  { run, cards }: RunContext,
  text: string,
): Promise<{ result: MessageRef; direct?: boolean }> {
  const { shortId, requester, channel } = run.input;
  const key = `${shortId}/${workflowInfo().runId}/result`;
  const thread = cards.current ?? { channel, ts: '' };
  const message = { shortId, requester, text, ...reportOf(run) };
  return tryStep('post', async () => {
    try {
      return { result: await postResult({ thread, key, ...message }) };
    } catch (error) {
      if (isCancellation(error)) throw error;
      const direct = { channel: requester.user, ts: '' };
      return { result: await postResult({ thread: direct, key: `${key}/direct`, ...message }), direct: true };
    }
  });
}

/** Facts for the result's footer. */
function reportOf({ resume: { execution, approved, planning } }: Run): { report?: ResultReport } {
  if (!execution || !approved) return {};
  const { spent, sources } = execution;
  const { inputTokens = 0, outputTokens = 0, costUsd = 0 } = planning ?? {};
  const usage = {
    ...spent,
    tokens: spent.tokens + inputTokens + outputTokens,
    costUsd: spent.costUsd + costUsd,
  };
  const tookMs = Math.max(0, Date.now() - Date.parse(approved.decision.at));
  return { report: { usage, tookMs, sources } };
}
