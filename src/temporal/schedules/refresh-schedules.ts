import {
  type Client,
  ScheduleClient,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleSummary,
} from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { parsePerson } from '../../approval/decision.js';
import type { ApprovalPolicy } from '../../approval/policy.js';
import { CountersignError } from '../../platform/errors.js';
import type { RunInput } from '../../run/input.js';
import { WORKFLOW_TYPE } from '../../workflows/runtime/signals.js';
import { withinDeadline } from '../deadline.js';
import { shortIdIn } from '../ids.js';
import type { Others } from '../runs.js';
import { type ServiceSettings, startOptions, withAttributes } from '../start-options.js';

/** Limit for the attempts to change a schedule that others change at the same time. */
const ATTEMPTS = 3;

interface Settings extends ServiceSettings {
  taskQueue: string;
  /** Channel of the cards of a schedule that was saved in `origin`, and its policy. */
  placeFor(origin: string): { channel: string; policy: ApprovalPolicy };
}

/**
 * Updates the channel, the policy and the search attributes in the input of each schedule of this service and task queue. `failed` schedules
 * keep the old ones. Schedules of other Slack apps are only counted.
 */
export async function refreshSchedules(client: Client, settings: Settings) {
  const changed: string[] = [];
  const failed: { id: string; error: unknown }[] = [];
  const others: Others = { all: 0, onQueue: 0 };
  for await (const schedule of client.schedule.list({ pageSize: 500 })) {
    const { scheduleId, action } = schedule;
    if (action?.workflowType !== WORKFLOW_TYPE) continue;
    const id = shortIdIn(scheduleId);
    try {
      if (!isOwn(schedule, settings.app)) {
        others.all += 1;
        const { action: started } = await client.schedule.getHandle(scheduleId).describe();
        if (started.taskQueue === settings.taskQueue) others.onQueue += 1;
      } else if (await refresh(settings.strictClient ?? client, scheduleId, settings)) changed.push(id);
    } catch (error) {
      // A schedule that was deleted in between needs no refresh.
      if (!(error instanceof ScheduleNotFoundError)) failed.push({ id, error });
    }
  }
  return { changed, failed, others };
}

/** True for a schedule that this Slack app saved under its id. */
export function isOwn(
  { scheduleId, memo }: Pick<ScheduleSummary, 'scheduleId' | 'memo'>,
  app?: string,
): boolean {
  return memo?.app === app && memo?.id === shortIdIn(scheduleId);
}

/** Refreshes one schedule. Returns true when its input changed. */
async function refresh(client: Client, scheduleId: string, settings: Settings): Promise<boolean> {
  let found = settings.searchAttributes ?? false;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const current = await withinDeadline(client, () => client.schedule.getHandle(scheduleId).describe());
    const { taskQueue, args } = current.action;
    if (taskQueue !== settings.taskQueue) return false;
    const input = rebuildInput(shortIdIn(scheduleId), args?.[0], settings);
    const options = (searchAttributes: boolean) =>
      startOptions(input, taskQueue, { ...settings, searchAttributes });
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
 * Makes the input of a schedule's next runs from what is stored, field by field. Anything else that somebody put there, such as a plan that
 * counts as approved, is left out. The next run gets this service's workflow version, even if a newer service saved the schedule.
 *
 * @throws CountersignError for what is no input of a run.
 */
function rebuildInput(id: string, stored: unknown, { placeFor }: Settings): RunInput {
  const { goal, requester, origin } = (stored ?? {}) as Partial<RunInput>;
  const by = parsePerson(requester);
  const { channel: from, at } = origin ?? {};
  if (!by || [goal, from, at].some((value) => typeof value !== 'string')) {
    const message = 'The schedule holds no input of a run. Delete the schedule, and save it again.';
    throw new CountersignError('ScheduleUnreadable', message);
  }
  const asked = { shortId: id, schedule: id, goal: String(goal), requester: by };
  return { ...asked, origin: { channel: String(from), at: String(at) }, ...placeFor(String(from)) };
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
