import type { Client } from '@temporalio/client';
import { runIdIn } from '../../src/temporal/ids.js';
import { WORKFLOW_TYPE } from '../../src/workflows/messages.js';

/** One attempt at an activity's work as Temporal recorded it. */
export interface Step {
  /** `searchWeb`, or `callLlm` with what it was asked for: `plan` or `execute`. */
  name: string;
  /** The digest of the plan that is carried out. */
  digest?: string;
  scheduledAt: number;
  completedAt?: number;
}

export interface Signal {
  kind: string;
  request: string;
  digest: string;
  at: number;
}

/** One execution of a run, out of its history; a run that was retried has several. */
export interface Execution {
  status: string;
  goal: string;
  /** It began from a failed one, with a plan that had been approved. */
  approvedBefore: boolean;
  outcome: string | undefined;
  steps: Step[];
  signals: Signal[];
}

/** Every run that Temporal knows: its executions, the oldest first. */
export async function readRuns(client: Client): Promise<Map<string, Execution[]>> {
  const runs = new Map<string, Execution[]>();
  const found: { workflowId: string; runId: string; status: string; startTime: Date }[] = [];
  for await (const { workflowId, runId, status, startTime } of client.workflow.list({
    query: `WorkflowType = '${WORKFLOW_TYPE}'`,
  })) {
    found.push({ workflowId, runId, status: status.name, startTime });
  }
  found.sort((one, other) => Number(one.startTime) - Number(other.startTime));
  for (const { workflowId, runId, status } of found) {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const id = runIdIn(workflowId);
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
    outcome: undefined,
    steps: [],
    signals: [],
  };
  for (const event of events) {
    const at = Number(event.eventTime?.seconds) * 1000 + Number(event.eventTime?.nanos) / 1e6;
    const started = event.workflowExecutionStartedEventAttributes;
    if (started) {
      const input = decode(started.input) as { goal: string; resume?: { approved?: object } };
      execution.goal = input.goal;
      execution.approvedBefore = Boolean(input.resume?.approved);
    }
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) {
      const input = decode(scheduled.input) as { task?: string; planned?: { digest: string } };
      const name = [scheduled.activityType?.name, input?.task].filter(Boolean).join(' ');
      steps.set(String(event.eventId), {
        name,
        scheduledAt: at,
        ...(input?.planned && { digest: input.planned.digest }),
      });
    }
    const completed = event.activityTaskCompletedEventAttributes;
    const step = completed && steps.get(String(completed.scheduledEventId));
    if (step) step.completedAt = at;
    const signaled = event.workflowExecutionSignaledEventAttributes;
    if (signaled?.signalName === 'humanApprove') {
      const decision = decode(signaled.input) as Omit<Signal, 'at'> | null;
      if (decision) execution.signals.push({ ...decision, at });
    }
    const ended = event.workflowExecutionCompletedEventAttributes;
    if (ended) execution.outcome = (decode(ended.result) as { state: string }).state;
  }
  execution.steps = [...steps.values()];
  return execution;
}

function decode(payloads: Payloads): unknown {
  const data = payloads?.payloads?.[0]?.data;
  return data ? JSON.parse(Buffer.from(data).toString('utf8')) : undefined;
}
