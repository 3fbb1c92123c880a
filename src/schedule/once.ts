import { nextTimes } from './next-times.js';
import type { OnceWords, SingleDay } from './once-words.js';
import { PROBLEMS } from './problems.js';
import { formatTime, refuse, type TimeOfDay } from './time-of-day.js';
import type { TimetableWords } from './timetable-words.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Limit for how far ahead a run may start once, in years. */
const FARTHEST_YEARS = 2;

/** Clock by which words are read. */
export interface Clock {
  /** IANA time zone. */
  timeZone: string;
  now: Date;
}

/** Cron expression of one minute in UTC. Its sixth field is the year, as in Temporal's cron strings. */
export function onceCron(at: Date): string {
  const date = `${at.getUTCDate()} ${at.getUTCMonth() + 1} * ${at.getUTCFullYear()}`;
  return `${at.getUTCMinutes()} ${at.getUTCHours()} ${date}`;
}

/** Moment of a cron expression that `onceCron` made; undefined for one that repeats. */
export function onceAt(cron: string): Date | undefined {
  const [minute, hour, day, month, , year] = cron.split(' ').map(Number);
  return year === undefined
    ? undefined
    : new Date(Date.UTC(year, Number(month) - 1, Number(day), Number(hour), Number(minute)));
}

/** Finds the moment that words name. `readTime` reads their time of day, if they have one. @throws TimetableError */
export function findMoment(words: TimetableWords, readTime: () => TimeOfDay, clock: Clock): Date {
  const { repeats, unit, every, between, counted, once = {}, times } = words;
  if (repeats || unit || every !== undefined || between || counted) refuse(PROBLEMS.onceOrAgain);
  const at = times.length === 0 ? delayed(once, clock) : findDay(words, once, readTime(), clock);
  const latest = new Date(clock.now);
  latest.setUTCFullYear(latest.getUTCFullYear() + FARTHEST_YEARS);
  return at <= latest ? at : refuse(PROBLEMS.tooFar(FARTHEST_YEARS));
}

/** Moment after a delay, up to the next whole minute. People see no seconds. */
function delayed({ day, delayMinutes }: OnceWords, { now }: Clock): Date {
  if (delayMinutes === undefined) refuse(PROBLEMS.whichTime);
  if (day) refuse(PROBLEMS.delayAndTime);
  return new Date(Math.ceil(now.getTime() / MINUTE_MS + delayMinutes) * MINUTE_MS);
}

function findDay(words: TimetableWords, once: OnceWords, time: TimeOfDay, clock: Clock): Date {
  const { days, months, weekdays } = words;
  const { delayMinutes = 0 } = once;
  const inDays = delayMinutes / (24 * 60);
  if (!Number.isInteger(inDays)) refuse(PROBLEMS.delayAndTime);
  const day = once.day ?? (inDays > 0 ? { kind: 'days' as const, days: inDays } : undefined);
  const named = [day, ...weekdays, ...days].filter((each) => each !== undefined);
  if (named.length > 1 || (day && delayMinutes > 0 && once.day)) refuse(PROBLEMS.oneMoment);
  if (named.length === 0) refuse(PROBLEMS.whichSingleDay);
  if (day) return onDay(day, time, clock);
  const [weekday] = weekdays;
  if (weekday !== undefined) return onDay({ kind: 'weekday', weekday, notToday: false }, time, clock);
  if (months.length !== 1) refuse(PROBLEMS.whichSingleDay);
  return next(`${time.minute} ${time.hour} ${days[0]} ${months[0]} *`, clock) ?? refuse(PROBLEMS.never);
}

function onDay(day: SingleDay, time: TimeOfDay, clock: Clock): Date {
  const clockTime = `${time.minute} ${time.hour}`;
  const today = dateIn(clock.timeZone, clock.now);
  if (day.kind === 'weekday') {
    // Two times are enough: one of them is not today.
    const times = nextTimes(`${clockTime} * * ${day.weekday}`, clock.timeZone, clock.now, 2);
    const isLater = (at: Date) => !day.notToday || dateIn(clock.timeZone, at).getTime() > today.getTime();
    return times.find(isLater) ?? refuse(PROBLEMS.never);
  }
  const date =
    day.kind === 'days'
      ? new Date(today.getTime() + day.days * DAY_MS)
      : new Date(Date.UTC(day.year, day.month - 1, day.day));
  if (day.kind === 'date' && (date.getUTCMonth() !== day.month - 1 || date.getUTCDate() !== day.day))
    refuse(PROBLEMS.never);
  const at = next(
    `${clockTime} ${date.getUTCDate()} ${date.getUTCMonth() + 1} * ${date.getUTCFullYear()}`,
    clock,
  );
  if (at) return at;
  if (date < today) refuse(PROBLEMS.pastDate);
  return refuse(date > today ? PROBLEMS.skipped : PROBLEMS.passed(formatTime(time)));
}

function next(cron: string, { timeZone, now }: Clock): Date | undefined {
  return nextTimes(cron, timeZone, now, 1)[0];
}

/** Date in a time zone, as midnight in UTC. */
function dateIn(timeZone: string, at: Date): Date {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(at);
  return new Date(`${parts}T00:00:00Z`);
}
