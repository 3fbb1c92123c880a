import type { Client } from '@temporalio/client';
import { WORKFLOW_TYPE } from '../src/workflows/runtime/signals.js';

export interface Bill {
  events: number;
  actions: number;
  /** Billable actions by kind. */
  kinds: Record<string, number>;
}

/** Actions that Temporal Cloud bills, by the event that shows them. Source: Temporal Cloud's "Actions". Heartbeats leave no event. */
const BILLED: Record<string, string> = {
  EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: 'start',
  EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: 'signal',
  EVENT_TYPE_ACTIVITY_TASK_STARTED: 'activity',
  EVENT_TYPE_TIMER_STARTED: 'timer',
  EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: 'search attribute upsert',
  EVENT_TYPE_WORKFLOW_PROPERTIES_MODIFIED: 'memo upsert',
};

/** Counts the actions of the newest completed run of the product and of the skeleton. */
export async function actionsOf(client: Client): Promise<Record<'product' | 'skeleton', Bill>> {
  return {
    product: await billOfNewest(client, WORKFLOW_TYPE),
    skeleton: await billOfNewest(client, 'skeleton'),
  };
}

async function billOfNewest(client: Client, type: string): Promise<Bill> {
  const query = `WorkflowType = '${type}' AND ExecutionStatus = 'Completed'`;
  for await (const { workflowId } of client.workflow.list({ query })) return await billOf(client, workflowId);
  throw new Error(`No ${type} has completed`);
}

/** Counts the actions of a run. */
export async function billOf(client: Client, workflowId: string): Promise<Bill> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const kinds: Record<string, number> = {};
  for (const event of events ?? []) {
    const kind = BILLED[nameOf(event)];
    if (kind) kinds[kind] = (kinds[kind] ?? 0) + 1;
  }
  const actions = Object.values(kinds).reduce((sum, times) => sum + times, 0);
  return { events: events?.length ?? 0, actions, kinds };
}

/** An event's type by the attributes that it carries. */
function nameOf(event: object): string {
  const attributes =
    Object.entries(event).find(([key, value]) => key.endsWith('EventAttributes') && value)?.[0] ?? '';
  const words = attributes
    .replace(/EventAttributes$/, '')
    .replaceAll(/([A-Z])/g, '_$1')
    .toUpperCase();
  return `EVENT_TYPE_${words}`;
}
