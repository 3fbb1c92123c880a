import { Context } from '@temporalio/activity';
import type { ToolResult } from '../run/execution/tools.js';
import { shortIdIn } from '../run/summary.js';
import { forRun, type Step } from '../telemetry/spans.js';
import type { Activities } from './types.js';

/** Name of the agent in spans. */
const AGENT = { 'gen_ai.agent.name': 'countersign' };

/** Spans that the GenAI conventions name. Any other activity has its own name, and a turn is the request to the model within it. */
const STEPS: { [K in keyof Activities]?: (...args: Parameters<Activities[K]>) => Step | undefined } = {
  callLlm: ({ task }) =>
    task === 'plan'
      ? { name: 'plan countersign', attributes: { 'gen_ai.operation.name': 'plan', ...AGENT } }
      : undefined,
  callTool: ({ id, name }) => ({
    name: `execute_tool ${name}`,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': name,
      'gen_ai.tool.call.id': id,
      'gen_ai.tool.type': 'function',
      ...AGENT,
    },
  }),
};

/** Makes each attempt of an activity a span of its run. Log lines of the work name the run. */
export function inSpans(activities: Activities): Activities {
  const wrapped = Object.entries(activities).map(([name, work]) => [
    name,
    (...args: unknown[]) => {
      const { workflowExecution, attempt } = Context.current().info;
      const about = { run: shortIdIn(workflowExecution?.workflowId ?? ''), request: requestOf(args) };
      const step = stepOf(name, args) ?? { name };
      const attributes = { ...step.attributes, ...(attempt > 1 && { 'countersign.attempt': attempt }) };
      return forRun(about, { ...step, attributes }, async (span) => {
        const done = await (work as (...args: unknown[]) => Promise<unknown>)(...args);
        if (name === 'callTool' && (done as ToolResult).isError) span.add({ 'error.type': 'tool_error' });
        return done;
      });
    },
  ]);
  return Object.fromEntries(wrapped) as Activities;
}

function stepOf(name: string, args: unknown[]): Step | undefined {
  const of = STEPS[name as keyof Activities] as ((...args: unknown[]) => Step | undefined) | undefined;
  return of?.(...args);
}

/** Request to people that an activity is about. */
function requestOf([input]: unknown[]): string | undefined {
  const { posted } = { ...(input as { posted?: { request?: string } } | undefined) };
  return posted?.request;
}
