import {
  type Client,
  ScheduleClient,
  type ScheduleDescription,
  ScheduleNotFoundError,
} from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import type { ApprovalPolicy } from '../approval/policy.js';
import { CountersignError } from '../platform/errors.js';
import type { RunInput } from '../run/input.js';
import { WORKFLOW_TYPE } from '../workflows/runtime/signals.js';
import { withinDeadline } from './deadline.js';
import { shortIdIn } from './ids.js';
import { startOptions, withAttributes } from './start-options.js';

/** Limit for the attempts to change a schedule that others change at the same moment. */
const ATTEMPTS = 3;

interface Settings {
  taskQueue: string;
  searchAttributes: boolean;
  policyFor(channel: string): ApprovalPolicy;
}

/** Updates the policy and the search attributes with which the schedules of this task queue start runs. `failed` keep the old ones. */
export async function refreshSchedules(client: Client, settings: Settings) {
  const changed: string[] = [];
  const failed: { id: string; error: unknown }[] = [];
  for await (const { scheduleId, action } of client.schedule.list({ pageSize: 500 })) {
    if (action?.workflowType !== WORKFLOW_TYPE) continue;
    const id = shortIdIn(scheduleId);
    try {
      if (await refresh(client, scheduleId, settings)) changed.push(id);
    } catch (error) {
      // One that was deleted meanwhile is nobody's concern.
      if (!(error instanceof ScheduleNotFoundError)) failed.push({ id, error });
    }
  }
  return { changed, failed };
}

/** Returns true when the schedule had to be changed. */
async function refresh(client: Client, scheduleId: string, settings: Settings): Promise<boolean> {
  let found = settings.searchAttributes;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const current = await withinDeadline(client, () => client.schedule.getHandle(scheduleId).describe());
    const { taskQueue, args } = current.action;
    const [input] = (args ?? []) as [RunInput?];
    if (!input || taskQueue !== settings.taskQueue) return false;
    // Its next run is a new one, under this service's version, also where a newer service saved the schedule.
    const { workflowVersion: _, ...asked } = input;
    const refreshed = { ...asked, policy: settings.policyFor(input.channel) };
    const options = (searchAttributes: boolean) => startOptions(refreshed, taskQueue, searchAttributes);
    if (JSON.stringify(args) === JSON.stringify(options(found).args)) return attempt > 0;
    await withinDeadline(client, () =>
      withAttributes(found, async (searchAttributes) => {
        found = searchAttributes;
        await update(client, current, options(searchAttributes));
      }),
    );
  }
  throw new CountersignError('ScheduleBusy', 'It was changed again and again meanwhile.');
}

/**
 * Updates a schedule only if it still is as it was read; the server drops the update otherwise. The SDK sends no conflict
 * token, and without one a pause that came in between would be undone.
 */
async function update(
  { schedule, connection }: Client,
  { scheduleId, raw, action: { workflowId, workflowType } }: ScheduleDescription,
  options: ReturnType<typeof startOptions>,
): Promise<void> {
  const { workflowService } = connection;
  const updateSchedule = (request: temporal.api.workflowservice.v1.IUpdateScheduleRequest) =>
    workflowService.updateSchedule({ ...request, conflictToken: raw.conflictToken ?? new Uint8Array() });
  const careful = Object.create(connection, {
    workflowService: { value: Object.create(workflowService, { updateSchedule: { value: updateSchedule } }) },
  });
  const schedules = new ScheduleClient({ ...schedule.options, connection: careful });
  await schedules.getHandle(scheduleId).update(({ spec, policies, state }) => ({
    spec,
    policies,
    state,
    action: { type: 'startWorkflow', workflowId, workflowType, ...options },
  }));
}
