import type { Person } from '../approval/person.js';
import { CountersignError } from '../platform/errors.js';
import { withTimeout } from '../platform/with-timeout.js';
import type { NotAdmitted, PostObstacle } from '../run/admission.js';
import { nextTimes } from '../schedule/next-times.js';
import { onceAt } from '../schedule/once.js';
import type { NewSchedule, ScheduleChange, ScheduleDraft, ScheduleSummary } from '../schedule/schedule.js';
import { readTimetable } from '../schedule/timetable.js';
import { isCertain, mayChangeSchedule } from '../slack/permissions/permissions.js';
import { missing } from '../telemetry/warnings.js';
import { cardChannel, findPostObstacle, mayStart } from './admit-run.js';
import type { UseCasePorts } from './ports.js';
import type { NewRun } from './start-run.js';

/** Limit for a schedule's goal, in characters. The goal is in a button's value, for which Slack's limit is 2,000. */
export const SCHEDULE_GOAL_LIMIT = 1_500;

/** Longest wait for Slack's look-ups, in milliseconds. Slack allows 3 s for a command; later answers are left out of the draft. */
const LOOK_UP_WITHIN_MS = 1_500;

/** Shortest time left to a schedule's only moment, in milliseconds. A save takes up to 3 s, and a moment that has passed starts nothing. */
const SAVED_BEFORE_MS = 5_000;

export type DraftOutcome =
  | { kind: 'incomplete' }
  | { kind: 'unreadable'; problem: string }
  | { kind: 'too-long'; length: number }
  | { kind: 'refused'; refusal: NotAdmitted }
  | {
      kind: 'draft';
      draft: ScheduleDraft;
      next: Date[];
      /** True if the plans are posted in the channel of the command. */
      here: boolean;
      /** False if Slack didn't tell the person's time zone; times are then in UTC. */
      zoneKnown: boolean;
      /** Reason why the bot can't post in that channel. */
      obstacle: PostObstacle | undefined;
    };

/** Reads a timetable by the clock of its requester, and computes its next times. Nothing is saved. */
export async function draftSchedule(
  ports: UseCasePorts,
  { shortId: id, requester, origin }: NewRun,
  { when, goal }: { when?: string; goal: string },
): Promise<DraftOutcome> {
  if (when === undefined || goal === '') return { kind: 'incomplete' };
  // The length is that of the goal as JSON, in which a line break or a quotation mark takes two characters.
  const length = JSON.stringify(goal).length - 2;
  if (length > SCHEDULE_GOAL_LIMIT) return { kind: 'too-long', length };
  const { directory } = ports;
  const channel = cardChannel(ports, origin.channel);
  const [admission, zone, obstacle] = await Promise.all([
    mayStart(ports, { requester, channel }),
    askSlack(() => directory.timeZoneOf(requester), undefined),
    findPostObstacle(ports, channel),
  ]);
  if (admission.kind === 'refused') return admission;
  const now = new Date();
  const timetable = readTimetable(when, { timeZone: zone ?? 'UTC', now });
  if ('wrong' in timetable) return { kind: 'unreadable', problem: timetable.wrong };
  const { cron, timeZone } = timetable;
  return {
    kind: 'draft',
    draft: { id, cron, timeZone, channel, goal },
    next: nextTimes(cron, timeZone, now, 3),
    here: channel === origin.channel,
    zoneKnown: zone !== undefined,
    obstacle,
  };
}

export type SaveOutcome =
  | { kind: 'saved'; next?: Date }
  /** Temporal refuses it. */
  | { kind: 'not-taken'; problem: string }
  | { kind: 'refused'; refusal: NotAdmitted }
  /** The draft shows another channel than the one in which plans would be posted. */
  | { kind: 'moved' }
  /** Its only moment is over, or too near. */
  | { kind: 'passed' };

/** Saves a schedule under the current policy. A second save changes nothing. `origin`: the channel of the click. */
export async function saveSchedule(
  ports: UseCasePorts,
  schedule: Omit<NewSchedule, 'policy'>,
): Promise<SaveOutcome> {
  const channel = cardChannel(ports, schedule.origin);
  if (channel !== schedule.channel) return { kind: 'moved' };
  const once = onceAt(schedule.cron);
  if (once && once.getTime() - Date.now() < SAVED_BEFORE_MS) return { kind: 'passed' };
  const admission = await mayStart(ports, { requester: schedule.requester, channel });
  if (admission.kind === 'refused') return admission;
  isCertain(admission.kind === 'admitted' ? 'yes' : 'unsure');
  try {
    await ports.schedules.create({ ...schedule, policy: ports.policyFor(channel) });
  } catch (error) {
    if (!(error instanceof CountersignError) || error.code !== 'ScheduleRefused') throw error;
    return { kind: 'not-taken', problem: error.message };
  }
  const [next] = nextTimes(schedule.cron, schedule.timeZone, new Date(), 1);
  return { kind: 'saved', ...(next && { next }) };
}

/** Pauses, resumes or deletes a schedule, or starts a run of it. */
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

/** Schedules that a person may change. Temporal's list lags behind, so a schedule that has just changed (`changed`, its id) is read separately. */
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

/** Asks Slack, and returns `otherwise` after a failure or `LOOK_UP_WITHIN_MS`. */
async function askSlack<T>(ask: () => Promise<T>, otherwise: T): Promise<T> {
  return await withTimeout(LOOK_UP_WITHIN_MS, ask, () => otherwise).catch(missing(otherwise));
}
