import { CancellationScope, setHandler } from '@temporalio/workflow';
import { isVerdict, type Verdict } from '../approval/request.js';
import type { RunInput } from '../run/input.js';
import type { PlanRevision } from '../run/plan.js';
import type { RunOutcome } from '../run/state.js';
import { awaitAdmission } from './await-admission.js';
import { continueWhileWaiting } from './continue-as-new.js';
import { receiveCancel, receiveLostCard, snapshotOf } from './control.js';
import { endEarly, finish, finishWithResult } from './endings.js';
import { takeTurns } from './execution/take-turns.js';
import { checkToolQuestion, receiveToolQuestion } from './execution/tool-questions.js';
import { firstRevision, nextRevision } from './planning.js';
import { awaitPlanApproval } from './requests/ask-people.js';
import { receiveDecision } from './requests/receive-decision.js';
import { isStillApproved } from './requests/still-approved.js';
import { createContext, enterState, type RunContext } from './run.js';
import { cancelRun, cardLost, humanAnswer, humanApprove, status, toolAsks } from './runtime/signals.js';
import { requireVersion } from './runtime/workflow-version.js';

/**
 * One run: research the goal, plan, wait for the people whom the policy names, carry the approved plan out, post the result. A rejected, expired or
 * cancelled run completes. A run whose step failed for good fails with type `RunFailed`. Its details are the failure, a resume point and the input:
 * `Retry` goes on from that step.
 */
export async function durableAIAgentWorkflow(input: RunInput): Promise<RunOutcome> {
  requireVersion(input.workflowVersion);
  const context = createContext(input);
  const { scope } = context;
  setHandler(status, () => snapshotOf(context));
  setHandler(humanApprove, (payload: unknown) => receiveDecision(context, payload));
  setHandler(humanAnswer, (payload: unknown) => receiveDecision(context, payload));
  setHandler(cancelRun, (payload: unknown) => receiveCancel(context, payload));
  setHandler(toolAsks, (payload: unknown) => receiveToolQuestion(context, payload), {
    validator: (payload: unknown) => checkToolQuestion(context, payload),
  });
  setHandler(cardLost, (payload: unknown) => receiveLostCard(context, payload));
  try {
    return await Promise.race([
      scope.run(() => story(context)),
      CancellationScope.nonCancellable(() => continueWhileWaiting(context)),
    ]);
  } catch (error) {
    return await CancellationScope.nonCancellable(() => endEarly(context, error));
  }
}

async function story(context: RunContext): Promise<RunOutcome> {
  const { run } = context;
  await awaitAdmission(context);
  const { planned: known, approved } = run.resume;
  takeOverCard(context);
  if (approved && known) {
    run.planned = known;
    if (await isStillApproved(context, approved)) return await carryOut(context, known, approved);
    delete run.resume.approved;
  }
  // Without the changes, once the revision is there.
  let previous = run.resume.changes && known;
  let planned = await firstRevision(context);
  for (;;) {
    const outcome = await awaitPlanApproval(context, planned, previous);
    if (!isVerdict(outcome)) {
      context.requests.closeAll({ reason: 'over', state: 'expired' });
      return await finish(context, { state: 'expired' }, { kind: 'expired', at: new Date().toISOString() });
    }
    const { decision } = outcome;
    run.decision = decision;
    if (outcome.kind === 'approve') return await carryOut(context, planned, outcome);
    if (outcome.kind === 'reject') {
      return await finish(context, { state: 'rejected', decision }, { kind: 'rejected', decision });
    }
    context.cards.show({ kind: 'changed', decision });
    previous = planned;
    planned = await nextRevision(context, planned, decision);
  }
}

/** A run that is tried again takes the failed run's card over: it becomes this run's, or says that the run goes on below. */
function takeOverCard({ run, cards }: RunContext): void {
  const { card, approved, planned, retriedBy } = run.resume;
  if (card && planned) run.planned = planned;
  cards.takeOver(run.resume);
  if (!card || approved || run.input.waits) return;
  cards.show({ kind: 'retried', ...(retriedBy && { by: retriedBy }) });
}

async function carryOut(context: RunContext, planned: PlanRevision, verdict: Verdict): Promise<RunOutcome> {
  const { run, ledger, requests, cards } = context;
  const { decision, votes } = verdict;
  run.resume.approved = verdict;
  enterState(run, 'executing');
  // For clicks on the card of a plan that was decided about before this execution of the workflow began.
  if (!run.planItem) requests.closeAll({ reason: 'already-decided', decision });
  if (run.planItem || !run.input.continued) cards.show({ kind: 'executing', votes });
  if (run.resume.result === undefined) {
    run.resume.result = await takeTurns(context, planned, verdict);
    ledger.record('executed', { text: run.resume.result });
  }
  return await finishWithResult(context, run.resume.result, verdict);
}
