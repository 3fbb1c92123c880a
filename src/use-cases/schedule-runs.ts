import type { Person } from '../approval/person.js';
import { CountersignError } from '../platform/errors.js';
import { withTimeout } from '../platform/with-timeout.js';
import { nextTimes } from '../schedule/next-times.js';
import type { NewSchedule, ScheduleChange, ScheduleDraft, ScheduleSummary } from '../schedule/schedule.js';
import { readTimetable } from '../schedule/timetable.js';
import { isCertain, mayChangeSchedule } from '../slack/permissions/permissions.js';
import type { UseCasePorts } from './ports.js';
import type { NewRun } from './start-run.js';

/** Longest goal of a schedule, in characters: its button's value holds the goal, and Slack takes 2,000 there. */
export const SCHEDULE_GOAL_LIMIT = 1_500;

/** Slack gives up on the command after 3 s; what it hasn't said by then is left out of the draft. In milliseconds. */
const LOOK_UP_WITHIN_MS = 1_500;

export type DraftOutcome =
  | { kind: 'incomplete' }
  | { kind: 'unreadable'; problem: string }
  | { kind: 'too-long'; length: number }
  | {
      kind: 'draft';
      draft: ScheduleDraft;
      next: Date[];
      /** The plans are posted where the schedule was asked for. */
      here: boolean;
      /** False: Slack did not say which time zone the person is in, so the times are UTC. */
      zoneKnown: boolean;
      /** False: the bot can't post plans there. */
      reachable: boolean;
    };

/** Reads a timetable, and works out its next times. Nothing is saved. */
export async function draftSchedule(
  { approvalChannel, directory }: UseCasePorts,
  { shortId: id, requester, origin }: NewRun,
  { when, goal }: { when?: string; goal: string },
): Promise<DraftOutcome> {
  if (when === undefined || goal === '') return { kind: 'incomplete' };
  const timetable = readTimetable(when);
  if ('wrong' in timetable) return { kind: 'unreadable', problem: timetable.wrong };
  const { cron } = timetable;
  // As JSON counts them: a line break or a quotation mark is two.
  const length = JSON.stringify(goal).length - 2;
  if (length > SCHEDULE_GOAL_LIMIT) return { kind: 'too-long', length };
  const channel = approvalChannel ?? origin.channel;
  const [zone, reachable] = await Promise.all([
    askSlack(() => directory.timeZoneOf(requester), undefined),
    askSlack(() => directory.isReachable(channel), true),
  ]);
  const timeZone = zone ?? 'UTC';
  return {
    kind: 'draft',
    draft: { id, cron, timeZone, channel, goal },
    next: nextTimes(cron, timeZone, new Date(), 3),
    here: channel === origin.channel,
    zoneKnown: zone !== undefined,
    reachable,
  };
}

/** Saves a schedule under the policy that holds now. `refused`: Temporal doesn't take it. Saving it twice changes nothing. */
export async function saveSchedule(
  { schedules, policyFor }: UseCasePorts,
  schedule: Omit<NewSchedule, 'policy'>,
): Promise<{ kind: 'saved'; next?: Date } | { kind: 'refused'; problem: string }> {
  try {
    await schedules.create({ ...schedule, policy: policyFor(schedule.channel) });
  } catch (error) {
    if (!(error instanceof CountersignError) || error.code !== 'ScheduleRefused') throw error;
    return { kind: 'refused', problem: error.message };
  }
  const [next] = nextTimes(schedule.cron, schedule.timeZone, new Date(), 1);
  return { kind: 'saved', ...(next && { next }) };
}

/** Pauses, resumes or deletes a schedule, or starts a run of it now. */
export async function changeSchedule(
  ports: UseCasePorts,
  id: string,
  change: ScheduleChange,
): Promise<{ kind: 'done'; schedule: ScheduleSummary } | { kind: 'not-allowed' | 'gone' }> {
  let schedule: ScheduleSummary | undefined;
  const kind = await ports.schedules.change(id, change, async (found) => {
    schedule = found;
    return isCertain(await mayChangeSchedule(ports, found, change.by));
  });
  if (kind !== 'done') return { kind };
  return schedule ? { kind, schedule } : { kind: 'gone' };
}

/**
 * The schedules that a person may change. Temporal's list lags behind for a moment, so a schedule that was just changed (`changed`, its
 * id) is described on its own.
 */
export async function listSchedules(
  ports: UseCasePorts,
  person: Person,
  changed?: string,
): Promise<ScheduleSummary[]> {
  const { schedules } = ports;
  const [listed, now] = await Promise.all([
    schedules.list(async (schedule) => (await mayChangeSchedule(ports, schedule, person)) === 'yes'),
    changed === undefined ? undefined : schedules.describe(changed),
  ]);
  return listed.flatMap((schedule) => (schedule.id === changed ? (now ?? []) : schedule));
}

/** Waits for Slack's answer, no longer than there is time. */
async function askSlack<T>(ask: () => Promise<T>, otherwise: T): Promise<T> {
  return await withTimeout(LOOK_UP_WITHIN_MS, ask, () => otherwise).catch(() => otherwise);
}
