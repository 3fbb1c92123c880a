import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ApplicationFailure } from '@temporalio/activity';
import type { ApprovalPolicy, ToolRule } from '../approval/policy.js';
import {
  type ModelCall,
  resultBlock,
  SERVER_TOOLS,
  type ServerTool,
  textBlock,
} from '../run/execution/conversation.js';
import { answerSearch, FIND_TOOLS } from '../run/execution/find-tools.js';
import {
  addCallMetadata,
  isOwnTool,
  MARK_STEP,
  OWN_TOOLS,
  separateCallMetadata,
  visibleInput,
} from '../run/execution/own-tools.js';
import { findRule, isStricter, isUsable, ruleFor } from '../run/execution/rules.js';
import { canonicalCall, type ShownCall, type ToolCall, type ToolSpec } from '../run/execution/tools.js';
import { canonicalPlan, type Plan, type PlanRevision, visiblePlan } from '../run/plan.js';
import type { ThreadContext } from '../run/thread.js';
import { beforeTimeout } from './before-timeout.js';
import { inSession } from './in-session.js';
import type { AgentSessions, FindPolicy, Model, Toolbox } from './ports.js';
import { runActivity } from './run-activity.js';
import type { Activities, LlmAnswer, LlmRequest, LlmTask } from './types.js';

type Handlers = {
  [T in LlmTask]: (
    request: LlmRequest<T>,
    signal: AbortSignal,
    thread: { thread?: ThreadContext },
  ) => Promise<LlmAnswer<T>>;
};

/** Words about the agent in Slack while it does a task. */
const DOING: Record<LlmTask, string> = { plan: 'is writing a plan…', turn: 'is carrying out the plan…' };

/** Carries out the tasks of `callLlm`. A tool must be allowed by the run's rules and by those of the policy file now. */
export function createCallLlm({
  model,
  toolbox,
  policyFor,
  sessions,
}: {
  model: Model;
  toolbox: Pick<Toolbox, 'list' | 'leaveOut'>;
  policyFor: FindPolicy;
  sessions: AgentSessions;
}): Activities['callLlm'] {
  const handlers: Handlers = {
    async plan({ task: _, session: __, rules, channel, ...brief }, signal, thread) {
      const { rules: now = rules, ...file } = policyNow(policyFor, channel);
      const tools = await listUsableTools(toolbox, rules, now);
      const { plan: written, usage } = await model.writePlan({ ...brief, ...thread, tools }, signal);
      const plan = visiblePlan(written);
      return { plan, digest: digestOf(plan), usage, ...file };
    },
    async turn(
      { goal, planned, approval, exchanges, refused, channel, rules, container, useFallback },
      signal,
      thread,
    ) {
      checkApproved(planned);
      const { rules: now = rules, ...file } = policyNow(policyFor, channel);
      const usable = await listUsableTools(toolbox, rules, now);
      const offered = [...usable, ...OWN_TOOLS];
      const known = [...offered, FIND_TOOLS];
      const tools = offered.map((tool) => (tool === MARK_STEP ? tool : addCallMetadata(tool)));
      // They run on the model's side, so nobody can be asked: only those are offered that the policy allows outright.
      const isAllowed = (name: ServerTool) =>
        [rules, now].every((list) => ruleFor(list, { name, readOnly: true }) === 'allow');
      const serverTools = SERVER_TOOLS.filter(isAllowed);
      const kept = {
        ...(refused && { refused }),
        ...(container && { container }),
        ...(useFallback && { useFallback }),
      };
      const input = { goal, plan: planned.plan, approval, exchanges, ...thread, tools, serverTools, ...kept };
      const turn = await model.takeTurn(input, signal);
      for (const { name, reason } of turn.refusedTools ?? []) {
        const tool = known.find((spec) => spec.name === name);
        if (tool && !isOwnTool(name)) toolbox.leaveOut(tool, reason);
      }
      // The model remembers a call as people read it.
      const show = ({ name, input }: Record<string, unknown>) => {
        const tool = known.find((spec) => spec.name === name);
        return { input: visibleInput(tool, input as Record<string, unknown>) };
      };
      const content = turn.content.map((block) =>
        block.type === 'tool_use' ? { ...block, ...show(block) } : block,
      );
      const calls = turn.calls.map((call) =>
        withRuleNow(readCall({ ...call, ...show({ ...call }) }, known), rules, now),
      );
      const searches = calls.filter(({ name }) => name === FIND_TOOLS.name);
      const answers = searches.map(({ id, input }) => {
        const said = textBlock(answerSearch(usable, input));
        return [id, resultBlock(id, [said], false)] as const;
      });
      const found = answers.length > 0 && { answers: Object.fromEntries(answers) };
      return { ...turn, content, calls, ...found, ...file };
    },
  };
  return (request, thread) =>
    runActivity((signal) =>
      inSession(sessions, request.session, DOING[request.task], () =>
        beforeTimeout(signal, (own) => handlers[request.task](request, own, { ...(thread && { thread }) })),
      ),
    );
}

/** Lists the servers' tools that no list of rules denies whatever their arguments are. */
async function listUsableTools(toolbox: Pick<Toolbox, 'list'>, ...rules: ToolRule[][]): Promise<ToolSpec[]> {
  return (await toolbox.list()).filter(
    (tool) => !isOwnTool(tool.name) && rules.every((list) => isUsable(list, tool)),
  );
}

/** A channel's policy by the policy file, and its rules for tools apart. Empty where no file is known. */
export function policyNow(
  policyFor: FindPolicy,
  channel: string,
): { policy?: ApprovalPolicy; rules?: ToolRule[] } {
  const file = policyFor(channel);
  if (!file) return {};
  const { tools: rules = [], ...policy } = file;
  return { policy, rules };
}

/** Adds the policy file's rule to a call, where it differs from the run's and is no laxer. */
export function withRuleNow(call: ToolCall, rules: ToolRule[], now: ToolRule[]): ToolCall {
  const rule = ruleFor(now, call);
  const own = findRule(now, call);
  if (rule === 'allow' || isStricter(ruleFor(rules, call), rule)) return call;
  if (isDeepStrictEqual(own, findRule(rules, call))) return call;
  return { ...call, ruleNow: own ?? { match: call.name, rule } };
}

function checkApproved(planned: PlanRevision): void {
  if (digestOf(planned.plan) === planned.digest) return;
  throw ApplicationFailure.nonRetryable(
    'The plan is not the one that was approved, so it was not carried out.',
    'PlanChanged',
  );
}

function readCall({ id, name, input: given, problem }: ModelCall, known: ToolSpec[]): ToolCall {
  const tool = known.find((spec) => spec.name === name);
  const { input, metadata } = separateCallMetadata(tool, given);
  const aliases = tool?.aliases && { aliases: tool.aliases };
  const definition = tool?.definition !== undefined && { definition: tool.definition };
  const destructive = tool?.destructive && { destructive: tool.destructive };
  const call = { name, input, ...metadata, readOnly: tool?.readOnly ?? false, ...destructive, ...definition };
  const facts = { id, ...aliases, known: tool !== undefined, digest: digestOfCall(call) };
  return { ...call, ...facts, ...(problem !== undefined && { problem }) };
}

/** Computes the digest of a plan that a person made: the workflow can't, and trusts no digest that it is sent. */
export function digestPlanUnder(policyFor: FindPolicy): Activities['digestPlan'] {
  return ({ plan, channel }) =>
    runActivity(async () => {
      const { rules: _, ...file } = policyNow(policyFor, channel);
      return { digest: digestOf(plan), ...file };
    });
}

export function digestOf(plan: Plan): string {
  return sha256(canonicalPlan(plan));
}

export function digestOfCall(call: ShownCall): string {
  return sha256(canonicalCall(call));
}

/** In hex. */
function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
