import { CancellationScope, setHandler } from '@temporalio/workflow';
import { isVerdict, type Verdict } from '../approval/request.js';
import type { CardState } from '../run/card.js';
import type { RunInput } from '../run/input.js';
import type { PlanRevision } from '../run/plan.js';
import type { RunOutcome } from '../run/state.js';
import { receiveCancel, receiveLostCard } from './control.js';
import { deliverResult } from './deliver-result.js';
import { endEarly, expire, finish, reject } from './endings.js';
import { takeTurns } from './execution/take-turns.js';
import { firstRevision, nextRevision } from './planning.js';
import { awaitPlanApproval } from './requests/ask-about-plan.js';
import { createContext, enterState, type RunContext } from './run.js';
import { cancelRun, cardLost, humanAnswer, humanApprove, status } from './runtime/signals.js';
import { requireVersion } from './runtime/workflow-version.js';
import { snapshotOf } from './snapshot.js';

/**
 * One run: research the goal, plan, wait for the people whom the policy names, carry the approved plan out, post the result.
 * A rejected, expired or cancelled run completes; one whose step failed for good fails with type `RunFailed`, with the
 * failure, a resume point and its input as details, so that `Retry` goes on from that step.
 */
export async function durableAIAgentWorkflow(input: RunInput): Promise<RunOutcome> {
  requireVersion(input.workflowVersion);
  const context = createContext(input);
  const { ledger, requests, scope } = context;
  setHandler(status, () => snapshotOf(context));
  setHandler(humanApprove, (payload: unknown) => requests.receive(payload));
  setHandler(humanAnswer, (payload: unknown) => requests.receive(payload));
  setHandler(cancelRun, (payload: unknown) => receiveCancel(context, payload));
  setHandler(cardLost, (payload: unknown) => receiveLostCard(context, payload));
  if (!input.continued) {
    const { goal, requester, channel, policy, thread, followUp, schedule, resume } = context.run.input;
    const retriedBy = resume?.retriedBy;
    ledger.record('started', {
      ...{ goal, requester, channel, policy },
      ...(thread && { thread }),
      ...(followUp && { followUp }),
      ...(schedule && { schedule }),
      ...(retriedBy && { retriedBy }),
    });
  }
  try {
    return await scope.run(() => story(context));
  } catch (error) {
    return await CancellationScope.nonCancellable(() => endEarly(context, error));
  }
}

async function story(context: RunContext): Promise<RunOutcome> {
  const { run } = context;
  const { planned: known, approved } = run.resume;
  takeOverCard(context);
  if (approved && known) {
    run.planned = known;
    return await carryOut(context, known, approved);
  }
  let previous: PlanRevision | undefined;
  let planned = await firstRevision(context);
  for (;;) {
    const outcome = await awaitPlanApproval(context, planned, previous);
    if (!isVerdict(outcome)) return await expire(context);
    const { decision } = outcome;
    run.decision = decision;
    if (outcome.kind === 'approve') return await carryOut(context, planned, outcome);
    if (outcome.kind === 'reject') return await reject(context, decision);
    showDecided(context, { kind: 'changed', decision });
    previous = planned;
    planned = await nextRevision(context, planned, decision);
  }
}

/** A run that is tried again takes the failed run's card over: it becomes this run's, or says that the run goes on below. */
function takeOverCard({ run, cards }: RunContext): void {
  const { card, approved, planned, retriedBy } = run.resume;
  if (!card) return;
  cards.current = card;
  if (approved) return;
  if (planned) run.planned = planned;
  cards.show({ kind: 'retried', ...(retriedBy && { by: retriedBy }) });
}

async function carryOut(context: RunContext, planned: PlanRevision, verdict: Verdict): Promise<RunOutcome> {
  const { run, ledger, requests } = context;
  const { decision, votes } = verdict;
  run.resume.approved = verdict;
  enterState(run, 'executing');
  // For clicks on the card of a plan that was decided about before this execution of the workflow began.
  if (!run.planItem) requests.closeAll({ reason: 'already-decided', decision });
  if (!run.input.continued) showDecided(context, { kind: 'executing', votes });
  const result = run.resume.result ?? (await takeTurns(context, planned, verdict));
  if (run.resume.result === undefined) {
    ledger.record('executed', { text: result });
    run.resume.result = result;
  }
  const delivered = await deliverResult(context, result);
  enterState(run, 'completed');
  return await finish(
    context,
    { state: 'completed', result, decision },
    { kind: 'completed', votes, ...delivered },
  );
}

/** Shows on the card, and in the direct messages about the plan, what became of it. */
function showDecided({ run, cards }: RunContext, state: CardState): void {
  cards.show(state);
  if (cards.current) run.planItem?.notices.close(cards.draw(state), cards.current);
}
