import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  log,
  rootCause,
  workflowInfo,
} from '@temporalio/workflow';
import type { Decision } from '../approval/decision.js';
import type { Verdict } from '../approval/request.js';
import type { CardState, Sealed } from '../run/card.js';
import type { Checkpoint } from '../run/event.js';
import type { ResumePoint } from '../run/input.js';
import type { MessageRef, ResultReport } from '../run/message.js';
import { isNewsTo, type RequesterNotice, titleOf } from '../run/requester-notice.js';
import type { RunFailure, RunOutcome } from '../run/state.js';
import { answerHeld } from './requests/receive-decision.js';
import { enterState, type Run, type RunContext, settle, tellPrivately } from './run.js';
import { postCard, postResult } from './runtime/activities.js';
import { withVersion } from './runtime/workflow-version.js';
import { StepFailed, tryStep } from './try-step.js';

/** A card's last states: the run's last entry stands in the ledger before they are shown. */
type LastState = Extract<CardState, Sealed>;

/** Ends the run: its last entry is written, then its card shows the last state, with the head of the chain in the ledger. */
export async function finish(
  context: RunContext,
  outcome: RunOutcome,
  state: LastState,
): Promise<RunOutcome> {
  enterState(context.run, outcome.state);
  answerHeld(context);
  context.ledger.record('ended', outcome);
  await CancellationScope.nonCancellable(async () => {
    showEnd(context, state);
    await settle(context);
  });
  return outcome;
}

/** Shows the end on the card, and tells the requester of it where that is news: directly where no card can show it. */
function showEnd(context: RunContext, state: LastState): void {
  const { run, cards } = context;
  const { requester } = run.input;
  const tell = () => tellPrivately(context, requester, { kind: 'ended', title: titleOfRun(run), state });
  if (run.isRequesterTold || !isNewsTo(requester, state)) cards.show(state);
  else if (cards.current) cards.show(state, tell, noticeOf(context));
  else tell();
}

/** The line for the requester under the card. Each execution of the workflow has one end. */
function noticeOf({ run, cards }: RunContext): RequesterNotice {
  return { key: `${run.input.shortId}/${workflowInfo().runId}/ended`, thread: cards.thread };
}

function titleOfRun({ input: { goal }, planned }: Run): string {
  return titleOf({ goal, ...(planned && { planned }) });
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
  answerHeld(context);
  ledger.record('ended', { state: 'failed', failure });
  await showFailure(context, failure);
  await settle(context);
  const resume: ResumePoint = { ...run.resume, ...cards.place };
  // A retry is no continuation: it has a beginning of its own on record.
  const {
    continued: _,
    waits: __,
    filePolicy: ___,
    startedAt: ____,
    cannotPost: _____,
    ...input
  } = run.input;
  throw ApplicationFailure.create({
    type: 'RunFailed',
    nonRetryable: true,
    message: `The ${failure.step} failed: ${failure.message}`,
    details: [failure, resume, withVersion(input)],
  });
}

/** Says on the card what failed; without a card posts one, and where that can't be done tells the requester. */
async function showFailure(context: RunContext, failure: RunFailure): Promise<void> {
  const { run, cards, ledger } = context;
  const { shortId, requester, channel, thread } = run.input;
  const executionId = workflowInfo().runId;
  const votes = run.resume.approved?.votes ?? [];
  const done = run.resume.execution?.done ?? [];
  const state: CardState = { kind: 'failed', failure, executionId, votes, ...(done.length > 0 && { done }) };
  delete run.resume.isToldPrivately;
  const tell = () => {
    run.resume.isToldPrivately = true;
    // The answer to the command said so already.
    if (run.input.cannotPost) return;
    tellPrivately(context, requester, { kind: 'cannot-post', channel, failure, executionId });
  };
  if (cards.current) return cards.show(state, tell, noticeOf(context));
  if (failure.step === 'post') return tell();
  const key = `${shortId}/${executionId}/failed`;
  try {
    const card = cards.draw(state);
    const post = { channel, key, card, ...(thread && { thread }) };
    const { message } = await ledger.carry((entries) => postCard({ entries, ...post }));
    cards.current = message;
  } catch (error) {
    log.error('The failure could not be posted', { error: rootCause(error) ?? String(error) });
    tell();
  }
}

/** Posts the result and ends the run. One activity does both and says how far it got; the rest is done here. */
export async function finishWithResult(
  context: RunContext,
  text: string,
  { decision, votes }: Verdict,
): Promise<RunOutcome> {
  const { run, cards, ledger } = context;
  answerHeld(context);
  const outcome: RunOutcome = { state: 'completed', result: text, decision };
  const ended = ledger.draft('ended', outcome);
  const { shownOn, ...posted } = await deliverResult(context, text, votes, ended);
  enterState(run, outcome.state);
  await CancellationScope.nonCancellable(async () => {
    const state: CardState = { kind: 'completed', votes, ...posted };
    if (shownOn) cards.takeShown(state, shownOn);
    else cards.show(state);
    await settle(context);
  });
  return outcome;
}

/**
 * Posts the result under the card; where that can't be done for good, to the requester (`direct`).
 *
 * @param ended The run's last entry.
 * @returns `shownOn`: the card that shows the end of the run already.
 */
function deliverResult(
  { run, cards, ledger }: RunContext,
  text: string,
  votes: Decision[],
  ended: Checkpoint,
): Promise<{ result: MessageRef; direct?: true; shownOn?: MessageRef }> {
  const { shortId, requester } = run.input;
  const key = `${shortId}/${workflowInfo().runId}/result`;
  const message = { shortId, requester, title: titleOfRun(run), text, ...reportOf(run) };
  const post = async (thread: MessageRef, ownKey: string, direct: { direct?: true }) => {
    // The activity sets the result's own place.
    const show = cards.draft({ kind: 'completed', votes, result: thread, ...direct });
    const { message: result, isShown } = await ledger.carry(
      (entries) =>
        postResult({ entries: [...entries, ended], thread, key: ownKey, ...message, ...(show && { show }) }),
      () => ended,
    );
    return { result, ...direct, ...(show && isShown && { shownOn: show.ref }) };
  };
  return tryStep('post', async () => {
    try {
      return await post(cards.thread, key, {});
    } catch (error) {
      if (isCancellation(error)) throw error;
      return await post({ channel: requester.user, ts: '' }, `${key}/direct`, { direct: true });
    }
  });
}

/** Facts for the result's footer. */
function reportOf({ resume: { execution, approved } }: Run): { report?: ResultReport } {
  if (!execution || !approved) return {};
  const { spent: usage, sources, refusedTools } = execution;
  const tookMs = Math.max(0, Date.now() - Date.parse(approved.decision.at));
  return { report: { usage, tookMs, sources, ...(refusedTools && { refusedTools }) } };
}
