import type { Client } from '@temporalio/client';
import { type Decision, parseDecision } from '../../src/approval/decision.js';
import type { ToolRule } from '../../src/approval/policy.js';
import type { ToolCall } from '../../src/run/execution/tools.js';
import { shortIdIn } from '../../src/temporal/ids.js';
import { WORKFLOW_TYPE } from '../../src/workflows/runtime/signals.js';

/** An activity as Temporal recorded it. */
export interface Step {
  /** Name of the activity, such as `searchWeb`; `callLlm` is followed by its request, `plan` or `turn`. */
  name: string;
  /** Digest of the plan that is carried out. */
  digest?: string;
  /** For a turn: number of messages before it. */
  said?: number;
  call?: ToolCall;
  scheduledAt: number;
  completedAt?: number;
  /** Type of the final failure, or `Timeout`. */
  failure?: string;
}

/** A decision that a signal carried. `receivedAt`: time at which Temporal received it, in milliseconds since the epoch. */
export type Signaled = Decision & { receivedAt: number };

/** One execution of a run, read from its history. A run that was retried or continued as new has several. */
export interface Execution {
  status: string;
  goal: string;
  /** True if the execution resumed an earlier one whose plan had been approved. */
  approvedBefore: boolean;
  /** The policy's rules for tools. */
  rules: ToolRule[];
  outcome: string | undefined;
  steps: Step[];
  /** Clicks, forms and answers, in the order in which Temporal received them. */
  decisions: Signaled[];
  /** Number of requests to stop. */
  stops: number;
  /** Failure of the last workflow task, if it failed. */
  taskFailure?: string;
}

/** Reads every run that Temporal knows: its executions, oldest first. */
export async function readRuns(client: Client): Promise<Map<string, Execution[]>> {
  const runs = new Map<string, Execution[]>();
  const found: { workflowId: string; executionId: string; status: string; startTime: Date }[] = [];
  for await (const { workflowId, runId: executionId, status, startTime } of client.workflow.list({
    query: `WorkflowType = '${WORKFLOW_TYPE}'`,
  })) {
    found.push({ workflowId, executionId, status: status.name, startTime });
  }
  found.sort((one, other) => Number(one.startTime) - Number(other.startTime));
  for (const { workflowId, executionId, status } of found) {
    const { events } = await client.workflow.getHandle(workflowId, executionId).fetchHistory();
    const id = shortIdIn(workflowId);
    runs.set(id, [...(runs.get(id) ?? []), executionOf(status, events ?? [])]);
  }
  return runs;
}

type Events = NonNullable<
  Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>['events']
>;
type Payloads = { payloads?: { data?: Uint8Array | null }[] | null } | null | undefined;

function executionOf(status: string, events: Events): Execution {
  const steps = new Map<string, Step>();
  const execution: Execution = {
    status,
    goal: '',
    approvedBefore: false,
    rules: [],
    outcome: undefined,
    steps: [],
    decisions: [],
    stops: 0,
  };
  for (const event of events) {
    const at = Number(event.eventTime?.seconds) * 1000 + Number(event.eventTime?.nanos) / 1e6;
    const started = event.workflowExecutionStartedEventAttributes;
    if (started) {
      const input = decode(started.input) as {
        goal: string;
        policy: { tools?: ToolRule[] };
        resume?: { approved?: object };
      };
      execution.goal = input.goal;
      execution.rules = input.policy.tools ?? [];
      execution.approvedBefore = Boolean(input.resume?.approved);
    }
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      const step = stepOf(scheduled.activityType?.name ?? '', decode(scheduled.input));
      steps.set(String(event.eventId), { ...step, scheduledAt: at });
    }
    const completed = event.activityTaskCompletedEventAttributes;
    const done = completed && steps.get(String(completed.scheduledEventId));
    if (done) done.completedAt = at;
    const failed = event.activityTaskFailedEventAttributes;
    const lost = event.activityTaskTimedOutEventAttributes;
    const ended = steps.get(String((failed ?? lost)?.scheduledEventId));
    if (ended) ended.failure = failed?.failure?.applicationFailureInfo?.type ?? 'Timeout';
    const wedged = event.workflowTaskFailedEventAttributes?.failure;
    if (wedged) execution.taskFailure = wedged.message ?? '';
    const signaled = event.workflowExecutionSignaledEventAttributes;
    if (signaled) readSignal(execution, signaled.signalName ?? '', decode(signaled.input), at);
    const over = event.workflowExecutionCompletedEventAttributes;
    if (over) execution.outcome = (decode(over.result) as { state: string }).state;
  }
  execution.steps = [...steps.values()];
  return execution;
}

function stepOf(name: string, input: unknown): Omit<Step, 'scheduledAt'> {
  if (name === 'callTool') return { name, call: input as ToolCall };
  const { task, planned, exchanges } = (input ?? {}) as {
    task?: string;
    planned?: { digest: string };
    exchanges?: unknown[];
  };
  return {
    name: [name, task].filter(Boolean).join(' '),
    ...(planned && { digest: planned.digest }),
    ...(exchanges && { said: exchanges.length }),
  };
}

function readSignal(execution: Execution, name: string, payload: unknown, receivedAt: number): void {
  if (name === 'cancelRun') execution.stops += 1;
  if (name !== 'humanApprove' && name !== 'humanAnswer') return;
  const decision = parseDecision(payload);
  const isExpected = decision && (decision.kind === 'answer') === (name === 'humanAnswer');
  if (isExpected) execution.decisions.push({ ...decision, receivedAt });
}

function decode(payloads: Payloads): unknown {
  const data = payloads?.payloads?.[0]?.data;
  return data ? JSON.parse(Buffer.from(data).toString('utf8')) : undefined;
}
