import { all, type Cron, everComes, range, readCron, renderCron, shortestGapMs, sorted } from './cron.js';
import { formatTime, refuse, TimetableError } from './time-of-day.js';
import { readWords, type TimetableWords } from './timetable-words.js';

/** Least time between two runs of a schedule, in milliseconds. */
const SHORTEST_GAP_MS = 10 * 60_000;
const TOO_OFTEN =
  'That is too often: two runs are at least 10 minutes apart. Write "every 10 minutes" or "every hour".';

/** The times of a schedule; or a sentence that says why the text can't be taken, and what to write instead. */
export type Timetable = { cron: Cron; expression: string } | { wrong: string };

/** Reads a timetable: plain words, or a cron expression of five fields. */
export function readTimetable(text: string): Timetable {
  const words = text.trim().toLowerCase();
  try {
    const cron = /^[\d*][\d*,/-]*\s+[\d*,/-]+\s+[\d*]/.test(words)
      ? readCron(words)
      : toCron(readWords(words));
    if ('wrong' in cron) return cron;
    if (!everComes(cron)) return { wrong: 'That never comes: no such month has that day.' };
    if (shortestGapMs(cron) < SHORTEST_GAP_MS) return { wrong: TOO_OFTEN };
    return { cron, expression: renderCron(cron) };
  } catch (error) {
    if (error instanceof TimetableError) return { wrong: error.message };
    throw error;
  }
}

function toCron(words: TimetableWords): Cron {
  const days = toDays(words);
  const times = words.every === undefined ? toTimes(words) : spreadInterval(words, words.every);
  return { ...times, ...days };
}

function toDays(words: TimetableWords): Pick<Cron, 'days' | 'months' | 'weekdays'> {
  const { unit, weekdays, counted = false } = words;
  const [days, months] = [sorted(words.days), sorted(words.months)];
  const isNamed = days.length > 0 || weekdays.length > 0;
  // "mondays and on the 1st", "march 1 and april 15": the fields of a cron expression can't say it.
  const isMixed = !counted && days.length > 0 && weekdays.length > 0;
  if (isMixed || (words.dates > 1 && days.length > 1 && months.length > 1))
    refuse('Different kinds of days take a schedule each, as different dates do.');
  if (counted && unit !== 'month' && months.length === 0)
    refuse('Of every month? Write "the first monday of every month at 9".');
  if (unit === 'week' && weekdays.length === 0)
    refuse('On which day of the week? Write "every week on monday at 9".');
  if (unit === 'month' && !isNamed) refuse('On which day of the month? Write "every month on the 1st at 7".');
  if (
    (unit === 'year' && (months.length === 0 || !isNamed)) ||
    (months.length > 0 && !isNamed && unit !== 'day')
  )
    refuse('On which day of the year? Write "every year on march 1 at 9".');
  if (unit === undefined && !isNamed && words.every === undefined)
    refuse('On which days? Write "every day at 9" or "every weekday at 9".');
  const anyOr = (values: number[], key: keyof Cron) => (values.length > 0 ? values : all(key));
  return {
    days: anyOr(days, 'days'),
    months: anyOr(months, 'months'),
    weekdays: anyOr(sorted(weekdays), 'weekdays'),
  };
}

function toTimes({ times, half, between }: TimetableWords): Pick<Cron, 'minutes' | 'hours'> {
  if (between) refuse('How often in between? Write "every hour from 9 to 17".');
  if (times.length === 0) refuse('At what time? Write "every weekday at 9" or "every day at 18:30".');
  const hours = times.map((time) => {
    const isAfternoon = half === 'pm' && !time.sure && time.hour < 12;
    const hour = isAfternoon ? time.hour + 12 : time.hour;
    if (half && (half === 'am') !== hour < 12)
      refuse(`${formatTime(time)} is not in that part of the day. Write "every day at 18:30".`);
    return hour;
  });
  const minutes = sorted(times.map(({ minute }) => minute));
  const shown = times.map(formatTime).join(' and ');
  if (minutes.length > 1)
    refuse(`${shown} can't be in one schedule, because their minutes differ. Make one for each.`);
  return { minutes, hours: sorted(hours) };
}

/** Intervals that divide the hour, and the day, evenly. */
const MINUTES = [10, 12, 15, 20, 30];
const HOURS = [1, 2, 3, 4, 6, 8, 12];

/** Spreads an interval, in minutes, over the hours that the words name. */
function spreadInterval(words: TimetableWords, every: number): Pick<Cron, 'minutes' | 'hours'> {
  const [from, to] = words.between ?? [];
  if (words.times.length > 0)
    refuse('Either an interval or a time: write "every 2 hours" or "every day at 9".');
  if (every * 60_000 < SHORTEST_GAP_MS) refuse(TOO_OFTEN);
  if (!MINUTES.includes(every) && !HOURS.includes(every / 60))
    refuse(
      `The clock has no such rhythm. Take every ${MINUTES.join(', ')} minutes, or every ${HOURS.join(', ')} hours.`,
    );
  if (from && to && (from.minute !== 0 || to.minute !== 0 || to.hour <= from.hour))
    refuse('From which hour to which? Write "every hour from 9 to 17".');
  const first = from?.hour ?? 0;
  if (every >= 60) return { minutes: [0], hours: range(first, to?.hour ?? 23, every / 60) };
  return { minutes: range(0, 59, every), hours: range(first, (to?.hour ?? 24) - 1) };
}
