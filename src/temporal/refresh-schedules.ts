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

/** Limit for the attempts to change a schedule that others change at the same time. */
const ATTEMPTS = 3;

interface Settings {
  taskQueue: string;
  searchAttributes: boolean;
  /** Channel of the cards of a schedule that was saved in `origin`, and its policy. */
  placeFor(origin: string): { channel: string; policy: ApprovalPolicy };
}

/** Updates the channel, the policy and the search attributes in the input of each schedule of this task queue. `failed` schedules keep the old ones. */
export async function refreshSchedules(client: Client, settings: Settings) {
  const changed: string[] = [];
  const failed: { id: string; error: unknown }[] = [];
  for await (const { scheduleId, action } of client.schedule.list({ pageSize: 500 })) {
    if (action?.workflowType !== WORKFLOW_TYPE) continue;
    const id = shortIdIn(scheduleId);
    try {
      if (await refresh(client, scheduleId, settings)) changed.push(id);
    } catch (error) {
      // A schedule that was deleted in between needs no refresh.
      if (!(error instanceof ScheduleNotFoundError)) failed.push({ id, error });
    }
  }
  return { changed, failed };
}

/** Refreshes one schedule. Returns true when its input changed. */
async function refresh(client: Client, scheduleId: string, settings: Settings): Promise<boolean> {
  let found = settings.searchAttributes;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const current = await withinDeadline(client, () => client.schedule.getHandle(scheduleId).describe());
    const { taskQueue, args } = current.action;
    const [input] = (args ?? []) as [RunInput?];
    if (!input || taskQueue !== settings.taskQueue) return false;
    // Its next run is new and gets this service's workflow version, even if a newer service saved the schedule.
    const { workflowVersion: _, ...asked } = input;
    const refreshed = { ...asked, ...settings.placeFor(input.origin.channel) };
    const options = (searchAttributes: boolean) => startOptions(refreshed, taskQueue, searchAttributes);
    if (JSON.stringify(args) === JSON.stringify(options(found).args)) return attempt > 0;
    await withinDeadline(client, () =>
      withAttributes(found, async (searchAttributes) => {
        found = searchAttributes;
        await update(client, current, options(searchAttributes));
      }),
    );
  }
  throw new CountersignError('ScheduleBusy', 'The schedule changed during each attempt to update it.');
}

/**
 * Updates a schedule only if it hasn't changed since it was read; otherwise the server drops the update. The SDK sends no conflict token,
 * so its update could undo a pause in between.
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
