import {
  type Client,
  type ScheduleSummary as Listed,
  ScheduleAlreadyRunning,
  type ScheduleDescription,
  ScheduleNotFoundError,
} from '@temporalio/client';
import proto from '@temporalio/proto';
import type { Person } from '../../approval/person.js';
import type { ApprovalPolicy } from '../../approval/policy.js';
import { cut } from '../../platform/cut.js';
import { CountersignError } from '../../platform/errors.js';
import { readCron, shortestGapMs } from '../../schedule/cron.js';
import { onceAt } from '../../schedule/once.js';
import type { NewSchedule, ScheduleChange, ScheduleSummary } from '../../schedule/schedule.js';
import { WORKFLOW_TYPE } from '../../workflows/runtime/signals.js';
import { withinDeadline } from '../deadline.js';
import { shortIdIn, workflowIdOf } from '../ids.js';
import { type ServiceSettings, startOptions, withAttributes } from '../start-options.js';
import { isOwn, refreshSchedules } from './refresh-schedules.js';

/** Limit for the schedules that are searched for a person's. */
const LOOKED_AT = 500;

/** After an outage of Temporal, a run that is late by less than this still starts, in milliseconds. */
const LATEST_CATCH_UP_MS = 60 * 60_000;
const LATEST_ONCE_MS = 24 * 60 * 60_000;

const { SCHEDULE_OVERLAP_POLICY_ALLOW_ALL } = proto.temporal.api.enums.v1.ScheduleOverlapPolicy;

export type Schedules = ReturnType<typeof createSchedules>;

/**
 * Creates the functions for Temporal Schedules that start runs. Calls for which a person waits throw `NotConfirmed` after two seconds. A
 * run of the schedule `abcd2345` is the workflow `agent-abcd2345-<when>`; Temporal appends the due time.
 */
export function createSchedules(client: Client, taskQueue: string, settings: ServiceSettings = {}) {
  const { app, searchAttributes = false } = settings;
  const handleOf = (id: string) => client.schedule.getHandle(workflowIdOf(id));
  const summaryOf = (found: Listed | ScheduleDescription) =>
    isOwn(found, app) ? readSummary(found) : undefined;
  const describe = (id: string) => handleOf(id).describe().then(summaryOf, unlessNotFound);

  return {
    /** Saves a schedule once. @throws CountersignError with code `ScheduleRefused` when Temporal doesn't know the time zone. */
    create: (schedule: NewSchedule): Promise<void> =>
      withinDeadline(client, async () => {
        const { id, cron, timeZone, words, goal, requester, channel, origin, policy } = schedule;
        const workflowId = workflowIdOf(id);
        const from = { channel: origin, at: new Date().toISOString() };
        const input = { shortId: id, schedule: id, goal, requester, origin: from, channel, policy };
        const isOnce = onceAt(cron) !== undefined;
        const create = (found: boolean) =>
          client.schedule.create({
            scheduleId: workflowId,
            spec: { cronExpressions: [cron], timezone: timeZone },
            action: {
              type: 'startWorkflow',
              workflowType: WORKFLOW_TYPE,
              workflowId,
              ...startOptions(input, taskQueue, { ...settings, searchAttributes: found }),
            },
            // A plan that waits for days must not delay the next run, and a failed run must not pause the schedule.
            policies: { overlap: 'ALLOW_ALL', pauseOnFailure: false, catchupWindow: catchUpMs(cron, isOnce) },
            // Temporal deletes a schedule some days after its last action. `Run now` is no such action.
            ...(isOnce && { state: { remainingActions: 1 } }),
            memo: {
              ...{ id, goal: cut(goal, 200), requester, channel, words, cron, timeZone },
              ...(app !== undefined && { app }),
            },
          });
        try {
          await withAttributes(searchAttributes, create);
        } catch (error) {
          if (error instanceof ScheduleAlreadyRunning) return;
          if (!(error instanceof TypeError)) throw error;
          throw new CountersignError('ScheduleRefused', error.message, { cause: error });
        }
      }),

    describe: (id: string): Promise<ScheduleSummary | undefined> =>
      withinDeadline(client, () => describe(id)),

    /** Changes a schedule, or starts a run of it, if `mayChange` permits. */
    change: (
      id: string,
      { kind, by, click }: ScheduleChange,
      mayChange: (schedule: ScheduleSummary) => Promise<boolean>,
    ): Promise<'done' | 'not-allowed' | 'gone'> =>
      withinDeadline(client, async (signal) => {
        const schedule = await describe(id);
        if (!schedule) return 'gone';
        if (!(await mayChange(schedule))) return 'not-allowed';
        signal.throwIfAborted();
        const handle = handleOf(id);
        try {
          if (kind === 'pause') await handle.pause(noteOf('Paused', by));
          if (kind === 'resume') await handle.unpause(noteOf('Resumed', by));
          if (kind === 'delete') await handle.delete();
          if (kind === 'run') await startNow(client, handle.scheduleId, click);
        } catch (error) {
          if (error instanceof ScheduleNotFoundError) return 'gone';
          throw error;
        }
        return 'done';
      }),

    /** Lists the schedules that `isVisible` accepts, soonest first. */
    list: (isVisible: (schedule: ScheduleSummary) => Promise<boolean>): Promise<ScheduleSummary[]> =>
      withinDeadline(client, async () => {
        const schedules: ScheduleSummary[] = [];
        let seen = 0;
        for await (const listed of client.schedule.list({ pageSize: LOOKED_AT })) {
          const schedule = summaryOf(listed);
          if (schedule && (await isVisible(schedule))) schedules.push(schedule);
          seen += 1;
          if (seen >= LOOKED_AT) break;
        }
        return schedules.toSorted((one, other) => dueAt(one) - dueAt(other));
      }),

    /** Updates the channel, the policy and the search attributes for the next runs. */
    refresh: (placeFor: (origin: string) => { channel: string; policy: ApprovalPolicy }) =>
      refreshSchedules(client, { ...settings, taskQueue, placeFor }),
  };
}

/** The window covers a restart of Temporal, but doesn't let several missed runs start at once. */
function catchUpMs(cron: string, isOnce: boolean): number {
  return isOnce ? LATEST_ONCE_MS : Math.min(shortestGapMs(readCron(cron)), LATEST_CATCH_UP_MS);
}

/** Text of a note in Temporal's UI. It isn't encrypted. */
function noteOf(what: string, { team, user }: Person): string {
  return `${what} by ${team}/${user} in Slack`;
}

/** Starts a run like the SDK's `trigger`, but with a request id, so that a retry after a lost answer starts no second run. */
async function startNow({ workflowService, options }: Client, scheduleId: string, click: string) {
  await workflowService.patchSchedule({
    namespace: options.namespace,
    identity: options.identity,
    scheduleId,
    requestId: `${scheduleId}/${click}`,
    patch: { triggerImmediately: { overlapPolicy: SCHEDULE_OVERLAP_POLICY_ALLOW_ALL } },
  });
}

/** Reads a schedule; undefined for one that another program made. */
function readSummary(schedule: Listed | ScheduleDescription): ScheduleSummary | undefined {
  const { scheduleId, memo, info } = schedule;
  const { goal, requester, channel, words, cron, timeZone } = (memo ?? {}) as Partial<ScheduleSummary>;
  if (goal === undefined || !requester || !channel || !words || !cron || !timeZone) return undefined;
  const { paused } = schedule.state;
  const last = info.recentActions.at(-1);
  return {
    id: shortIdIn(scheduleId),
    ...{ goal, requester, channel, words, cron, timeZone, paused },
    next: paused ? [] : info.nextActionTimes,
    ...(last && { last: { shortId: shortIdIn(last.action.workflow.workflowId), at: last.takenAt } }),
  };
}

function dueAt({ next: [soonest] }: ScheduleSummary): number {
  return soonest?.getTime() ?? Number.MAX_SAFE_INTEGER;
}

function unlessNotFound(error: unknown): undefined {
  if (error instanceof ScheduleNotFoundError) return undefined;
  throw error;
}
