import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { canonicalPlan, type Plan } from '../core/plan.js';
import { beating } from './beat.js';
import { withFailures } from './failures.js';
import type { Model } from './ports.js';
import type { Activities, LlmAnswer, LlmRequest } from './types.js';

export function createCallLlm(model: Model): Activities['callLlm'] {
  return (request) => withFailures(() => beating((signal) => answer(model, request, signal)));
}

async function answer(model: Model, request: LlmRequest, signal: AbortSignal): Promise<LlmAnswer> {
  if (request.task === 'plan') {
    const { plan, usage } = await model.writePlan(request, { signal });
    return { task: 'plan', plan, digest: digestOf(plan), usage };
  }
  const { goal, planned, approval } = request;
  if (digestOf(planned.plan) !== planned.digest) {
    throw ApplicationFailure.nonRetryable(
      'The plan is not the one that was approved, so it was not carried out.',
      'PlanChanged',
    );
  }
  const { text, usage } = await model.carryOut({ goal, plan: planned.plan, approval }, { signal });
  return { task: 'execute', text, usage };
}

/** The digest of a plan that a person made: the workflow can't take it, and doesn't take anybody's word for it. */
export const digestPlan: Activities['digestPlan'] = async (plan) => digestOf(plan);

/** SHA-256 of the plan's canonical form, in hex. */
export function digestOf(plan: Plan): string {
  return createHash('sha256').update(canonicalPlan(plan)).digest('hex');
}
