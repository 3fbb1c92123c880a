import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  patched,
  workflowInfo,
} from '@temporalio/workflow';
import type { LlmAnswer, ResultReport } from '../activities/types.js';
import { type Decision, editedPlan, type Verdict } from '../approval/judge.js';
import { samePerson } from '../approval/person.js';
import { together } from '../run/budget.js';
import type { CardState } from '../run/card.js';
import type { MessageRef, PlanRevision, ResumePoint, RunInput, RunOutcome } from '../run/run.js';
import { callLlm, digestPlan, postResult, searchWeb } from './activities.js';
import { askPeople } from './ask-people.js';
import { Run, StepFailed } from './run.js';
import { requireVersion, withVersion } from './runtime/workflow-version.js';
import { approvalOf, takeTurns } from './take-turns.js';

/**
 * One run: research the goal, plan, wait for the people whom the policy names, carry the approved plan out, post the result.
 * A rejected, expired or cancelled run completes; one whose step failed for good fails with type `RunFailed`, with the
 * failure, a resume point and its input as details, so that `Retry` goes on from that step.
 */
export async function durableAIAgentWorkflow(input: RunInput): Promise<RunOutcome> {
  requireVersion(input.workflowVersion);
  const run = new Run(input);
  if (!input.continued) {
    const { goal, requester, channel, policy, thread, followUp, schedule, resume } = input;
    const from = { ...(thread && { thread }), ...(followUp && { followUp }), ...(schedule && { schedule }) };
    run.record('started', { goal, requester, channel, policy, ...from, retriedBy: resume?.retriedBy });
  }
  try {
    return await run.scope.run(() => story(run));
  } catch (error) {
    return await CancellationScope.nonCancellable(() => endEarly(run, error));
  }
}

async function story(run: Run): Promise<RunOutcome> {
  const { resume } = run;
  if (resume.card) showRetried(run, resume);
  if (resume.approved && resume.planned) {
    run.planned = resume.planned;
    return await carryOut(run, resume.planned, resume.approved);
  }
  let previous: PlanRevision | undefined;
  let planned = await firstRevision(run);
  for (;;) {
    const verdict = await askPeople(run, planned, previous);
    if (verdict === 'expired') return await expire(run);
    run.decided(verdict);
    if (verdict.kind === 'approve') return await carryOut(run, planned, verdict);
    if (verdict.kind === 'reject') return await reject(run, verdict.decision);
    const changed: CardState = { kind: 'changed', decision: verdict.decision };
    run.cards.show(changed);
    run.closeNotices(changed);
    previous = planned;
    planned = await nextRevision(run, planned, verdict.decision);
  }
}

function nextRevision(run: Run, planned: PlanRevision, decision: Decision): Promise<PlanRevision> {
  return decision.kind === 'edit' ? edit(run, planned, decision) : revise(run, planned, decision);
}

/** A run that is tried again takes the failed run's card over: it becomes this run's, or says that the run goes on below. */
function showRetried(run: Run, resume: ResumePoint): void {
  run.cards.current = resume.card;
  if (!resume.approved) {
    run.planned = resume.planned;
    run.cards.show({ kind: 'retried', ...(resume.retriedBy && { by: resume.retriedBy }) });
  }
}

async function firstRevision(run: Run): Promise<PlanRevision> {
  const { goal } = run.input;
  const { resume } = run;
  if (resume.planned && resume.changes) return await nextRevision(run, resume.planned, resume.changes);
  if (resume.planned) return resume.planned;
  if (!resume.research) {
    run.state = 'searching';
    const { research, usage } = await run.step('search', () => searchWeb({ goal }));
    resume.research = research;
    resume.planning = together(resume.planning, usage);
    run.record('searched', { ...research, usage });
  }
  return await plan(run, 1);
}

async function revise(run: Run, planned: PlanRevision, changes: Decision): Promise<PlanRevision> {
  run.resume.changes = changes;
  const revised = await plan(run, planned.revision + 1, { plan: planned.plan, feedback: changes.note });
  delete run.resume.changes;
  return revised;
}

/** A person's own revision. Who made it is kept: under four eyes they don't approve it. */
async function edit(run: Run, planned: PlanRevision, decision: Decision): Promise<PlanRevision> {
  const { by, steps } = decision;
  run.resume.changes = decision;
  run.state = 'planning';
  const edited = editedPlan(planned.plan, steps);
  if ('wrong' in edited) throw ApplicationFailure.nonRetryable(`The gate let an edit pass: ${edited.wrong}`);
  const digest = await run.step('plan', () => digestPlan(edited.plan));
  const others = (run.resume.editors ?? []).filter((editor) => !samePerson(editor, by));
  run.resume.editors = [...others, by];
  const revised = { plan: edited.plan, digest, revision: planned.revision + 1, editedBy: by };
  run.record('planned', revised);
  run.resume.planned = revised;
  delete run.resume.changes;
  return revised;
}

async function plan(
  run: Run,
  revision: number,
  previous?: { plan: PlanRevision['plan']; feedback: string },
): Promise<PlanRevision> {
  const research = run.resume.research ?? { summary: '', sources: [] };
  const { goal, followUp, policy } = run.input;
  run.state = 'planning';
  const answer = await run.step('plan', () =>
    callLlm.plan({
      task: 'plan',
      goal,
      research,
      ...(previous && { previous }),
      ...(followUp && { followUp }),
      ...(run.takesTurns && { rules: policy.tools ?? [] }),
    }),
  );
  const planned = { plan: as(answer, 'plan').plan, digest: as(answer, 'plan').digest, revision };
  run.record('planned', { ...planned, usage: answer.usage });
  run.resume.planning = together(run.resume.planning, answer.usage);
  run.resume.planned = planned;
  return planned;
}

async function carryOut(run: Run, planned: PlanRevision, verdict: Verdict): Promise<RunOutcome> {
  run.resume.approved = verdict;
  run.state = 'executing';
  // A click on the card of a plan that was decided about before this run of the workflow began.
  if (run.takesTurns && !run.gate.isOpen)
    run.gate.closeAll({ reason: 'already-decided', decision: verdict.decision });
  const executing: CardState = { kind: 'executing', votes: verdict.votes };
  if (!run.input.continued) {
    run.cards.show(executing);
    run.closeNotices(executing);
  }
  run.ledger.write({ keepHead: false });
  const text = run.resume.result ?? (await execute(run, planned, verdict));
  const posted = await run.step('post', () => deliver(run, text));
  run.state = 'completed';
  return await run.finish(
    { state: 'completed', result: text, decision: verdict.decision },
    { kind: 'completed', votes: verdict.votes, ...posted },
  );
}

/** Posts the result under the card; where that can't be done for good, to the requester. */
async function deliver(run: Run, text: string): Promise<{ result: MessageRef; direct?: boolean }> {
  const { runId, requester, channel } = run.input;
  const key = `${runId}/${workflowInfo().runId}/result`;
  const thread = run.cards.current ?? { channel, ts: '' };
  const report = reportOf(run);
  try {
    return { result: await postResult({ thread, key, runId, requester, text, ...report }) };
  } catch (error) {
    // Runs that began before 0.2 failed here.
    if (isCancellation(error) || !patched('result-to-requester')) throw error;
    const direct = { channel: requester.user, ts: '' };
    const result = await postResult({
      thread: direct,
      key: `${key}/direct`,
      runId,
      requester,
      text,
      ...report,
    });
    return { result, direct: true };
  }
}

/** What the result's footer says. */
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

async function execute(run: Run, planned: PlanRevision, verdict: Verdict): Promise<string> {
  if (run.takesTurns) {
    const text = await takeTurns(run, planned, verdict);
    run.record('executed', { text });
    run.resume.result = text;
    return text;
  }
  const { goal } = run.input;
  const answer = await run.step('execution', () =>
    callLlm.execute({ task: 'execute', goal, planned, approval: approvalOf(verdict) }),
  );
  const { text } = as(answer, 'execute');
  run.record('executed', { text, usage: answer.usage });
  run.resume.result = text;
  return text;
}

async function reject(run: Run, decision: Decision): Promise<RunOutcome> {
  run.state = 'rejected';
  const rejected = { kind: 'rejected' as const, decision };
  run.closeNotices(rejected);
  return await run.finish({ state: 'rejected', decision }, rejected);
}

async function expire(run: Run): Promise<RunOutcome> {
  run.state = 'expired';
  const expired = { kind: 'expired' as const, at: new Date().toISOString() };
  run.closeNotices(expired);
  return await run.finish({ state: 'expired' }, expired);
}

/** The run was cancelled, or a step failed for good. Anything else is a defect of ours: the task fails and is tried again. */
async function endEarly(run: Run, error: unknown): Promise<RunOutcome> {
  const votes = run.resume.approved?.votes ?? [];
  if (isCancellation(error)) {
    const by = {
      ...(run.cancelledBy && { by: run.cancelledBy }),
      ...(run.stoppedWhy && { why: run.stoppedWhy }),
    };
    run.state = 'cancelled';
    run.gate.closeAll({ reason: 'over', state: 'cancelled' });
    const done = run.resume.execution?.done ?? [];
    const at = new Date().toISOString();
    const cancelled = { kind: 'cancelled' as const, at, votes, ...by, ...(done.length > 0 && { done }) };
    run.closeNotices(cancelled);
    return await run.finish({ state: 'cancelled', ...by }, cancelled);
  }
  if (!(error instanceof StepFailed)) throw error;
  const { failure } = error;
  run.state = 'failed';
  run.failure = failure;
  run.gate.closeAll({ reason: 'over', state: 'failed' });
  run.record('ended', { state: 'failed', failure });
  await run.showFailure(failure, votes);
  await run.settle();
  const resume: ResumePoint = { ...run.resume, ...(run.cards.current && { card: run.cards.current }) };
  throw ApplicationFailure.create({
    type: 'RunFailed',
    nonRetryable: true,
    message: `The ${failure.step} failed: ${failure.message}`,
    details: [failure, resume, withVersion(run.input)],
  });
}

function as<T extends LlmAnswer['task']>(answer: LlmAnswer, task: T): Extract<LlmAnswer, { task: T }> {
  if (answer.task !== task) {
    throw ApplicationFailure.nonRetryable(`callLlm answered a ${answer.task} to a ${task}`);
  }
  return answer as Extract<LlmAnswer, { task: T }>;
}
