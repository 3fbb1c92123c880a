import { type Cron, range, readCron, renderCron, shortestGapMs, sorted } from './cron.js';
import { nextTimes } from './next-times.js';
import { type Clock, findMoment, onceCron } from './once.js';
import { isOnce } from './once-words.js';
import { PROBLEMS } from './problems.js';
import { formatTime, refuse, type TimeOfDay, TimetableError } from './time-of-day.js';
import { readWords, type TimetableWords } from './timetable-words.js';

/** Shortest gap between two runs of a schedule, in milliseconds. */
const SHORTEST_GAP_MS = 10 * 60_000;
/** Limit for a timetable in words, in characters. Reading takes quadratic time. */
const LONGEST = 300;

/** A timetable that was read: a cron expression, and the time zone in which it holds. */
export interface Timetable {
  cron: string;
  timeZone: string;
}

/** Reads a timetable, in plain words or as cron, by the clock of who wrote it. `wrong`: why it is refused, and the right form. */
export function readTimetable(text: string, clock: Clock): Timetable | { wrong: string } {
  const words = text.trim().toLowerCase();
  try {
    if (words.length > LONGEST) refuse(PROBLEMS.tooLong(LONGEST));
    const isCron = /^[\d*][\d*,/-]*\s+[\d*,/-]+\s+[\d*]/.test(words);
    const read = isCron ? undefined : readWords(words);
    if (read && isOnce(read)) {
      const at = findMoment(read, () => toSingleTime(read), clock);
      return { cron: onceCron(at), timeZone: 'UTC' };
    }
    const times = read ? toCron(read) : readCron(words);
    const cron = renderCron(times);
    if (nextTimes(cron, 'UTC', clock.now, 1).length === 0) refuse(PROBLEMS.never);
    if (shortestGapMs(times) < SHORTEST_GAP_MS) refuse(PROBLEMS.tooOften);
    return { cron, timeZone: clock.timeZone };
  } catch (error) {
    if (error instanceof TimetableError) return { wrong: error.message };
    throw error;
  }
}

function toSingleTime(words: TimetableWords): TimeOfDay {
  if (words.times.length > 1) refuse(PROBLEMS.oneMoment);
  const { hours, minutes } = toTimes(words);
  return { hour: Number(hours[0]), minute: Number(minutes[0]), sure: true };
}

function toCron(words: TimetableWords): Cron {
  const days = toDays(words);
  const times = words.every === undefined ? toTimes(words) : spreadInterval(words, words.every);
  return { ...times, ...days };
}

function toDays(words: TimetableWords): Pick<Cron, 'days' | 'months' | 'weekdays'> {
  const { unit, counted } = words;
  const [days, months, weekdays] = [sorted(words.days), sorted(words.months), sorted(words.weekdays)];
  const isNamed = days.length > 0 || weekdays.length > 0;
  // A cron expression can't express "mondays and on the 1st" or "march 1 and april 15".
  const isMixed = !counted && days.length > 0 && weekdays.length > 0;
  if (isMixed || (words.dates > 1 && days.length > 1 && months.length > 1)) refuse(PROBLEMS.kindsOfDays);
  if (counted && unit !== 'month' && months.length === 0) refuse(PROBLEMS.countedOfWhat);
  if (unit === 'week' && weekdays.length === 0) refuse(PROBLEMS.whichWeekday);
  if (unit === 'month' && !isNamed) refuse(PROBLEMS.whichDay);
  const isYearly = unit === 'year' || (months.length > 0 && unit !== 'day');
  if (isYearly && !(months.length > 0 && isNamed)) refuse(PROBLEMS.whichDate);
  if (unit === undefined && !isNamed && words.every === undefined) refuse(PROBLEMS.whichDays);
  return { days, months, weekdays };
}

function toTimes({ times, half, between }: TimetableWords): Pick<Cron, 'minutes' | 'hours'> {
  if (between) refuse(PROBLEMS.howOften);
  if (times.length === 0) refuse(PROBLEMS.whichTime);
  const hours = times.map((time) => {
    const isAfternoon = half === 'pm' && !time.sure && time.hour < 12;
    const hour = isAfternoon ? time.hour + 12 : time.hour;
    if (half && (half === 'am') !== hour < 12) refuse(PROBLEMS.partOfDay(formatTime(time)));
    return hour;
  });
  const minutes = sorted(times.map(({ minute }) => minute));
  const shown = times.map(formatTime).join(' and ');
  if (minutes.length > 1) refuse(PROBLEMS.minutesDiffer(shown));
  return { minutes, hours: sorted(hours) };
}

/** Intervals that divide the hour or the day evenly. */
const MINUTES = [10, 12, 15, 20, 30];
const HOURS = [1, 2, 3, 4, 6, 8, 12];

/** Spreads an interval, in minutes, over the hours that the words name. */
function spreadInterval(words: TimetableWords, every: number): Pick<Cron, 'minutes' | 'hours'> {
  const [from, to] = words.between ?? [];
  if (words.times.length > 0) refuse(PROBLEMS.intervalAndTime);
  if (every * 60_000 < SHORTEST_GAP_MS) refuse(PROBLEMS.tooOften);
  if (!MINUTES.includes(every) && !HOURS.includes(every / 60)) refuse(PROBLEMS.interval(MINUTES, HOURS));
  if (from && to && (from.minute !== 0 || to.minute !== 0 || to.hour <= from.hour))
    refuse(PROBLEMS.whichHours);
  const first = from?.hour ?? 0;
  if (every >= 60) return { minutes: [0], hours: range(first, to?.hour ?? 23, every / 60) };
  return { minutes: range(0, 59, every), hours: range(first, (to?.hour ?? 24) - 1) };
}
