import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { Decision } from '../../approval/decision.js';
import type { ApprovalPolicy } from '../../approval/policy.js';
import { type Choice, isVerdict } from '../../approval/request.js';
import { policyOfAsked } from '../../run/execution/rules.js';
import { ANSWER_WITHIN_MS } from '../../run/execution/tool-question.js';
import type { ToolCall } from '../../run/execution/tools.js';
import type { Subject } from '../../run/request.js';
import type { RunStep } from '../../run/state.js';
import { askInThread, openInThread } from '../requests/ask-people.js';
import { refreshPolicy } from '../requests/check-approvers.js';
import { newItem, withEditorsOf } from '../requests/requests.js';
import { policyOfNextRequest, type RunContext } from '../run.js';
import { reasonOf, StepFailed } from '../try-step.js';

/** A question to people in the thread; an answer is no approval. */
type Question = Extract<Subject, { kind: 'question' | 'lost-call' | 'budget' }>;

/**
 * Asks a question, and waits for the first answer that counts; undefined when nobody answered in time. The model's own question can be answered
 * in one's own words, too. Throws when the run is cancelled, or nobody can be asked. `asking`: the call whose tool asks.
 */
export async function askQuestion(
  context: RunContext,
  subject: Question,
  choices: Choice[],
  { asking }: { asking?: ToolCall } = {},
): Promise<Decision | undefined> {
  const { run } = context;
  if (!context.requests.isCarried(subject)) await refreshPolicy(context);
  const policy = policyOf(subject, policyOfNextRequest(run), asking);
  const freeText = subject.kind === 'question' && !subject.choicesOnly;
  const item = newItem(
    run,
    { id: 'question', subject, digest: '', takes: ['answer'], choices, freeText },
    policy,
  );
  const made = subject.kind === 'lost-call' ? subject.call : asking;
  const [open] = openInThread(context, [withEditorsOf(made, item)]);
  const outcome = open && (await askInThread(context, open));
  return outcome && isVerdict(outcome) ? outcome.decision : undefined;
}

/** Asks people what must be decided before the run can go on; a run that can't ask fails. */
export async function askOrFail(
  context: RunContext,
  subject: Question,
  choices: Choice[],
  step: RunStep = 'execution',
): Promise<Decision | undefined> {
  try {
    return await askQuestion(context, subject, choices);
  } catch (error) {
    const message = `Something must be decided before it can go on, and nobody could be asked: ${reasonNotAsked(error)}`;
    throw new StepFailed({ step, code: 'NobodyAsked', message });
  }
}

/** Reason why people could not be asked. Throws any other error, and the cancellation of the run. */
export function reasonNotAsked(error: unknown): string {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  return reasonOf(error);
}

/**
 * A question to the requester stays theirs alone, whatever the policy says of them and however long it waits. People whom
 * a rule names for a call also decide how a run goes on after that call was lost, and answer its tool.
 */
function policyOf(subject: Question, policy: ApprovalPolicy, asking?: ToolCall): ApprovalPolicy {
  if (subject.kind === 'lost-call') return policyOfAsked(policy, policy.tools ?? [], subject.call);
  if (subject.kind !== 'question') return policy;
  // The call of a tool that asks waits for the answer.
  const soon = asking !== undefined && { expiresAfterMs: ANSWER_WITHIN_MS, remindAfterMs: [] };
  if (subject.to === 'approvers') {
    if (!asking) return policy;
    const { escalate: _, ...own } = policyOfAsked(policy, policy.tools ?? [], asking);
    return { ...own, ...soon };
  }
  const { escalate: _, ...own } = policy;
  return { ...own, approvers: ['requester'], approvals: 1, requesterMayApprove: true, ...soon };
}
