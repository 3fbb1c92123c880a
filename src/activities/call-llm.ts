import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import { isOwnTool, MARK_STEP, OWN_TOOLS, offered, split } from '../run/own-tools.js';
import { canonicalPlan, type Plan } from '../run/plan.js';
import type { PlanRevision } from '../run/run.js';
import { canonicalCall, ruleFor, type ToolCall, type ToolRule, type ToolSpec } from '../run/tools.js';
import { beating } from './beat.js';
import { withFailures } from './failures.js';
import type { Model, RawCall, ServerTool, Toolbox } from './ports.js';
import type { Activities, LlmAnswer, LlmRequest } from './types.js';

const SERVER_TOOLS: ServerTool[] = ['web_search', 'code_execution'];

export function createCallLlm(model: Model, toolbox: Pick<Toolbox, 'list'>): Activities['callLlm'] {
  return (request) => withFailures(() => beating((signal) => answer(model, toolbox, request, signal)));
}

async function answer(
  model: Model,
  toolbox: Pick<Toolbox, 'list'>,
  request: LlmRequest,
  signal: AbortSignal,
): Promise<LlmAnswer> {
  switch (request.task) {
    case 'plan': {
      const { rules, task, ...input } = request;
      const tools = rules && (await usable(toolbox, rules));
      const { plan, usage } = await model.writePlan({ ...input, ...(tools && { tools }) }, { signal });
      return { task, plan, digest: digestOf(plan), usage };
    }
    case 'execute': {
      const { goal, planned, approval, task } = request;
      checkApproved(planned);
      const { text, usage } = await model.carryOut({ goal, plan: planned.plan, approval }, { signal });
      return { task, text, usage };
    }
    case 'turn': {
      const { goal, planned, approval, exchanges, rules, task } = request;
      checkApproved(planned);
      const known = [...(await usable(toolbox, rules)), ...OWN_TOOLS];
      // They run on the model's side, so nobody can be asked: only what the policy allows outright is offered.
      const serverTools = SERVER_TOOLS.filter((name) => ruleFor(rules, { name, readOnly: true }) === 'allow');
      const tools = known.map((tool) => (tool === MARK_STEP ? tool : offered(tool)));
      const input = { goal, plan: planned.plan, approval, exchanges, tools, serverTools };
      const turn = await model.takeTurn(input, { signal });
      return { task, ...turn, calls: turn.calls.map((call) => toolCall(call, known)) };
    }
  }
}

/** The tools that the policy doesn't deny. */
async function usable(toolbox: Pick<Toolbox, 'list'>, rules: ToolRule[]): Promise<ToolSpec[]> {
  return (await toolbox.list()).filter((tool) => !isOwnTool(tool.name) && ruleFor(rules, tool) !== 'deny');
}

function checkApproved(planned: PlanRevision): void {
  if (digestOf(planned.plan) === planned.digest) return;
  throw ApplicationFailure.nonRetryable(
    'The plan is not the one that was approved, so it was not carried out.',
    'PlanChanged',
  );
}

function toolCall(raw: RawCall, known: ToolSpec[]): ToolCall {
  const tool = known.find(({ name }) => name === raw.name);
  const { input, said } = split(tool, raw.input);
  const { id, name } = raw;
  const digest = digestOfCall(name, input);
  return { id, name, input, digest, ...said, readOnly: tool?.readOnly ?? false, known: tool !== undefined };
}

/** The digest of a plan that a person made: the workflow can't take it, and doesn't take anybody's word for it. */
export const digestPlan: Activities['digestPlan'] = async (plan) => digestOf(plan);

/** SHA-256 of the plan's canonical form, in hex. */
export function digestOf(plan: Plan): string {
  return createHash('sha256').update(canonicalPlan(plan)).digest('hex');
}

/** SHA-256 of the call's canonical form, in hex. */
export function digestOfCall(name: string, input: Record<string, unknown>): string {
  return createHash('sha256').update(canonicalCall(name, input)).digest('hex');
}
