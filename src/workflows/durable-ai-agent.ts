import {
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  patched,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { LlmAnswer } from '../activities/types.js';
import type { Decision, Verdict } from '../core/approval.js';
import type { MessageRef, PlanRevision, ResumePoint, RunInput, RunOutcome } from '../core/run.js';
import { callLlm, postCard, postResult, searchWeb } from './activities.js';
import { Run, StepFailed } from './run.js';

/**
 * One run: research the goal, plan, wait for the people whom the policy names, carry the approved plan out, post the result.
 * A rejected, expired or cancelled run completes; one whose step failed for good fails with type `RunFailed`, with the
 * failure, a resume point and its input as details, so that `Retry` goes on from that step.
 */
export async function durableAIAgentWorkflow(input: RunInput): Promise<RunOutcome> {
  const run = new Run(input);
  run.record('started', {
    goal: input.goal,
    requester: input.requester,
    channel: input.channel,
    policy: input.policy,
    retriedBy: input.resume?.retriedBy,
  });
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
  let planned = await firstRevision(run);
  for (;;) {
    const verdict = await askPeople(run, planned);
    if (verdict === 'expired') return await expire(run);
    run.decided(verdict.decision);
    run.record('decided', { decision: verdict.decision, votes: verdict.votes });
    if (verdict.kind === 'approve') return await carryOut(run, planned, verdict);
    if (verdict.kind === 'reject') return await reject(run, verdict.decision);
    run.show({ kind: 'changed', decision: verdict.decision });
    planned = await revise(run, planned, verdict.decision);
  }
}

/** A run that is tried again takes the failed run's card over: it becomes this run's, or says that the run goes on below. */
function showRetried(run: Run, resume: ResumePoint): void {
  run.card = resume.card;
  if (!resume.approved) {
    run.planned = resume.planned;
    run.show({ kind: 'retried', ...(resume.retriedBy && { by: resume.retriedBy }) });
  }
}

async function firstRevision(run: Run): Promise<PlanRevision> {
  const { goal } = run.input;
  const { resume } = run;
  if (resume.planned && resume.changes) return await revise(run, resume.planned, resume.changes);
  if (resume.planned) return resume.planned;
  if (!resume.research) {
    run.state = 'searching';
    const { research, usage } = await run.step('search', () => searchWeb({ goal }));
    resume.research = research;
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

async function plan(
  run: Run,
  revision: number,
  previous?: { plan: PlanRevision['plan']; feedback: string },
): Promise<PlanRevision> {
  const research = run.resume.research ?? { summary: '', sources: [] };
  run.state = 'planning';
  const answer = await run.step('plan', () =>
    callLlm.plan({ task: 'plan', goal: run.input.goal, research, ...(previous && { previous }) }),
  );
  const planned = { plan: as(answer, 'plan').plan, digest: as(answer, 'plan').digest, revision };
  run.record('planned', { ...planned, usage: answer.usage });
  run.resume.planned = planned;
  return planned;
}

/** Posts the card and waits for the verdict. Decisions count from the moment the card is visible. */
async function askPeople(run: Run, planned: PlanRevision): Promise<Verdict | 'expired'> {
  const { runId, requester, channel, policy } = run.input;
  const request = { id: uuid4(), revision: planned.revision, digest: planned.digest, requester, policy };
  const deadline = Date.now() + policy.expiresAfterMs;
  run.expiresAt = new Date(deadline).toISOString();
  run.planned = planned;
  run.gate.open(request);
  const replaces = run.card;
  const card = run.cardIn({
    kind: 'waiting',
    requestId: request.id,
    policy,
    votes: [],
    expiresAt: run.expiresAt,
    ...(run.unreachable && { unreachable: run.unreachable }),
  });
  const key = `${runId}/${workflowInfo().runId}/card/${planned.revision}`;
  const to = run.unreachable ? requester.user : channel;
  const posted = await run.step('post', () =>
    postCard({ channel: to, key, card, ...(replaces && { replaces }) }),
  );
  run.posted(posted, card.state);
  run.state = 'waiting';
  run.record('posted', { card: run.card, request: request.id, expiresAt: run.expiresAt });
  run.write();
  return await run.gate.verdict(Math.max(deadline - Date.now(), 1));
}

async function carryOut(run: Run, planned: PlanRevision, verdict: Verdict): Promise<RunOutcome> {
  run.resume.approved = verdict;
  run.decided(verdict.decision);
  run.state = 'executing';
  run.show({ kind: 'executing', votes: verdict.votes });
  run.write();
  const text = run.resume.result ?? (await execute(run, planned, verdict));
  const posted = await run.step('post', () => deliver(run, text));
  run.state = 'completed';
  run.show({ kind: 'completed', votes: verdict.votes, ...posted });
  return await end(run, { state: 'completed', result: text, decision: verdict.decision });
}

/** Posts the result under the card; where that can't be done for good, to the requester. */
async function deliver(run: Run, text: string): Promise<{ result: MessageRef; direct?: boolean }> {
  const { runId, requester, channel } = run.input;
  const key = `${runId}/${workflowInfo().runId}/result`;
  const thread = run.card ?? { channel, ts: '' };
  try {
    return { result: await postResult({ thread, key, runId, requester, text }) };
  } catch (error) {
    // Runs that began before 0.2 failed here.
    if (isCancellation(error) || !patched('result-to-requester')) throw error;
    const direct = { channel: requester.user, ts: '' };
    const result = await postResult({ thread: direct, key: `${key}/direct`, runId, requester, text });
    return { result, direct: true };
  }
}

async function execute(run: Run, planned: PlanRevision, verdict: Verdict): Promise<string> {
  const { goal } = run.input;
  const answer = await run.step('execution', () =>
    callLlm.execute({ task: 'execute', goal, planned, approval: approvalOf(verdict) }),
  );
  const { text } = as(answer, 'execute');
  run.record('executed', { text, usage: answer.usage });
  run.resume.result = text;
  return text;
}

/** Who approved, and every note that came with an approval. */
function approvalOf(verdict: Verdict): { by: string; note: string } {
  const notes = verdict.votes.map((vote) => vote.note).filter((note) => note !== '');
  return { by: verdict.votes.map((vote) => vote.by.user).join(', '), note: notes.join('\n') };
}

async function reject(run: Run, decision: Decision): Promise<RunOutcome> {
  run.state = 'rejected';
  run.show({ kind: 'rejected', decision });
  return await end(run, { state: 'rejected', decision });
}

async function expire(run: Run): Promise<RunOutcome> {
  run.state = 'expired';
  run.show({ kind: 'expired', at: new Date().toISOString() });
  return await end(run, { state: 'expired' });
}

async function end(run: Run, outcome: RunOutcome): Promise<RunOutcome> {
  run.record('ended', outcome);
  await CancellationScope.nonCancellable(() => run.settle());
  return outcome;
}

/** The run was cancelled, or a step failed for good. Anything else is a defect of ours: the task fails and is tried again. */
async function endEarly(run: Run, error: unknown): Promise<RunOutcome> {
  const votes = run.resume.approved?.votes ?? [];
  if (isCancellation(error)) {
    const by = run.cancelledBy && { by: run.cancelledBy };
    run.state = 'cancelled';
    run.gate.close({ reason: 'over', state: 'cancelled' });
    run.show({ kind: 'cancelled', at: new Date().toISOString(), votes, ...by });
    return await end(run, { state: 'cancelled', ...by });
  }
  if (!(error instanceof StepFailed)) throw error;
  const { failure } = error;
  run.state = 'failed';
  run.failure = failure;
  run.gate.close({ reason: 'over', state: 'failed' });
  run.record('ended', { state: 'failed', failure });
  await run.showFailure(failure, votes);
  await run.settle();
  const resume: ResumePoint = { ...run.resume, ...(run.card && { card: run.card }) };
  throw ApplicationFailure.create({
    type: 'RunFailed',
    nonRetryable: true,
    message: `The ${failure.step} failed: ${failure.message}`,
    details: [failure, resume, run.input],
  });
}

function as<T extends LlmAnswer['task']>(answer: LlmAnswer, task: T): Extract<LlmAnswer, { task: T }> {
  if (answer.task !== task) {
    throw ApplicationFailure.nonRetryable(`callLlm answered a ${answer.task} to a ${task}`);
  }
  return answer as Extract<LlmAnswer, { task: T }>;
}
