import { createHash } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/activity';
import type { ToolRule } from '../approval/policy.js';
import type { ModelCall, ServerTool } from '../run/execution/conversation.js';
import {
  addCallMetadata,
  isOwnTool,
  MARK_STEP,
  OWN_TOOLS,
  separateCallMetadata,
  visibleInput,
} from '../run/execution/own-tools.js';
import { canonicalCall, ruleFor, type ToolCall, type ToolSpec } from '../run/execution/tools.js';
import { canonicalPlan, type Plan, type PlanRevision, visiblePlan } from '../run/plan.js';
import type { Model, Toolbox } from './ports.js';
import { runActivity } from './run-activity.js';
import type { Activities, LlmAnswer, LlmRequest, LlmTask } from './types.js';

const SERVER_TOOLS: ServerTool[] = ['web_search', 'code_execution'];

type Handlers = {
  [T in LlmTask]: (request: LlmRequest<T>, signal: AbortSignal) => Promise<LlmAnswer<T>>;
};

export function createCallLlm(model: Model, toolbox: Pick<Toolbox, 'list'>): Activities['callLlm'] {
  const handlers: Handlers = {
    async plan({ task: _, rules, ...brief }, signal) {
      const tools = await listUsableTools(toolbox, rules);
      const { plan: written, usage } = await model.writePlan({ ...brief, tools }, signal);
      const plan = visiblePlan(written);
      return { plan, digest: digestOf(plan), usage };
    },
    async turn({ goal, planned, approval, exchanges, rules }, signal) {
      checkApproved(planned);
      const known = [...(await listUsableTools(toolbox, rules)), ...OWN_TOOLS];
      const tools = known.map((tool) => (tool === MARK_STEP ? tool : addCallMetadata(tool)));
      // They run on the model's side, so nobody can be asked: only those are offered that the policy allows outright.
      const serverTools = SERVER_TOOLS.filter((name) => ruleFor(rules, { name, readOnly: true }) === 'allow');
      const input = { goal, plan: planned.plan, approval, exchanges, tools, serverTools };
      const turn = await model.takeTurn(input, signal);
      // The model remembers a call as people read it.
      const show = ({ name, input }: Record<string, unknown>) => {
        const tool = known.find((spec) => spec.name === name);
        return { input: visibleInput(tool, input as Record<string, unknown>) };
      };
      const content = turn.content.map((block) =>
        block.type === 'tool_use' ? { ...block, ...show(block) } : block,
      );
      const calls = turn.calls.map((call) => readCall({ ...call, ...show({ ...call }) }, known));
      return { ...turn, content, calls };
    },
  };
  return (request) => runActivity((signal) => handlers[request.task](request, signal));
}

/** Lists the servers' tools that the policy doesn't deny. */
async function listUsableTools(toolbox: Pick<Toolbox, 'list'>, rules: ToolRule[]): Promise<ToolSpec[]> {
  return (await toolbox.list()).filter((tool) => !isOwnTool(tool.name) && ruleFor(rules, tool) !== 'deny');
}

function checkApproved(planned: PlanRevision): void {
  if (digestOf(planned.plan) === planned.digest) return;
  throw ApplicationFailure.nonRetryable(
    'The plan is not the one that was approved, so it was not carried out.',
    'PlanChanged',
  );
}

function readCall({ id, name, input: given }: ModelCall, known: ToolSpec[]): ToolCall {
  const tool = known.find((spec) => spec.name === name);
  const { input, metadata } = separateCallMetadata(tool, given);
  const call = { id, name, input, digest: digestOfCall(name, input), ...metadata };
  return { ...call, readOnly: tool?.readOnly ?? false, known: tool !== undefined };
}

/** Computes the digest of a plan that a person made: the workflow can't, and trusts no digest that it is sent. */
export const digestPlan: Activities['digestPlan'] = async (plan) => digestOf(plan);

export function digestOf(plan: Plan): string {
  return sha256(canonicalPlan(plan));
}

export function digestOfCall(name: string, input: Record<string, unknown>): string {
  return sha256(canonicalCall(name, input));
}

/** In hex. */
function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
