import { type Cron, range, readCron, renderCron, shortestGapMs, sorted } from './cron.js';
import { nextTimes } from './next-times.js';
import { formatTime, refuse, TimetableError } from './time-of-day.js';
import { readWords, type TimetableWords } from './timetable-words.js';

/** Shortest gap between two runs of a schedule, in milliseconds. */
const SHORTEST_GAP_MS = 10 * 60_000;
/** Limit for a timetable in words, in characters. Reading takes quadratic time. */
const LONGEST = 300;
const TOO_OFTEN =
  'That is too often: two runs are at least 10 minutes apart. Write "every 10 minutes" or "every hour".';

/** Reads a timetable, in plain words or as cron, as a cron expression. `wrong`: why it is refused, and the right form. */
export function readTimetable(text: string): { cron: string } | { wrong: string } {
  const words = text.trim().toLowerCase();
  try {
    if (words.length > LONGEST) refuse(`That is too long: a timetable has at most ${LONGEST} characters.`);
    const isCron = /^[\d*][\d*,/-]*\s+[\d*,/-]+\s+[\d*]/.test(words);
    const times = isCron ? readCron(words) : toCron(readWords(words));
    const cron = renderCron(times);
    if (nextTimes(cron, 'UTC', new Date(), 1).length === 0)
      refuse('That never comes: no such month has that day.');
    if (shortestGapMs(times) < SHORTEST_GAP_MS) refuse(TOO_OFTEN);
    return { cron };
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
  const { unit, counted } = words;
  const [days, months, weekdays] = [sorted(words.days), sorted(words.months), sorted(words.weekdays)];
  const isNamed = days.length > 0 || weekdays.length > 0;
  // A cron expression can't express "mondays and on the 1st" or "march 1 and april 15".
  const isMixed = !counted && days.length > 0 && weekdays.length > 0;
  if (isMixed || (words.dates > 1 && days.length > 1 && months.length > 1))
    refuse('Different kinds of days take a schedule each, as different dates do.');
  if (counted && unit !== 'month' && months.length === 0)
    refuse('Of every month? Write "the first monday of every month at 9".');
  if (unit === 'week' && weekdays.length === 0)
    refuse('On which day of the week? Write "every week on monday at 9".');
  if (unit === 'month' && !isNamed) refuse('On which day of the month? Write "every month on the 1st at 7".');
  const isYearly = unit === 'year' || (months.length > 0 && unit !== 'day');
  if (isYearly && !(months.length > 0 && isNamed))
    refuse('On which day of the year? Write "every year on march 1 at 9".');
  if (unit === undefined && !isNamed && words.every === undefined)
    refuse('On which days? Write "every day at 9" or "every weekday at 9".');
  return { days, months, weekdays };
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

/** Intervals that divide the hour or the day evenly. */
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
