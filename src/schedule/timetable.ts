import { all, type Cron, everComes, range, readCron, renderCron, shortestGapMs, sorted } from './cron.js';
import { clock } from './time-of-day.js';
import { hear, type Said } from './timetable-words.js';

/** Two runs of a schedule are at least this far apart, in milliseconds. */
const SHORTEST_GAP_MS = 10 * 60_000;
const TOO_OFTEN =
  'That is too often: two runs are at least 10 minutes apart. Write "every 10 minutes" or "every hour".';

/** When a schedule runs; or why the words can't be taken, and what could be written instead. */
export type Timetable = { cron: Cron; expression: string } | { wrong: string };

/** Reads when a schedule is to run: plain words, or a cron expression of five fields. */
export function readTimetable(text: string): Timetable {
  const words = text.trim().toLowerCase();
  const cron = /^[\d*][\d*,/-]*\s+[\d*,/-]+\s+[\d*]/.test(words) ? readCron(words) : understand(words);
  if ('wrong' in cron) return cron;
  if (!everComes(cron)) return { wrong: 'That never comes: no such month has that day.' };
  if (shortestGapMs(cron) < SHORTEST_GAP_MS) return { wrong: TOO_OFTEN };
  return { cron, expression: renderCron(cron) };
}

function understand(words: string): Cron | { wrong: string } {
  const said = hear(words);
  if ('wrong' in said) return said;
  const days = daysIn(said);
  if ('wrong' in days) return days;
  const times = said.every === undefined ? timesIn(said) : intervalIn(said, said.every);
  return 'wrong' in times ? times : { ...times, ...days };
}

function daysIn(said: Said): Pick<Cron, 'days' | 'months' | 'weekdays'> | { wrong: string } {
  const { unit, weekdays } = said;
  const [days, months] = [sorted(said.days), sorted(said.months)];
  const named = days.length > 0 || weekdays.length > 0;
  // "mondays and on the 1st", "march 1 and april 15": the fields of a cron expression can't say it.
  const mixed = !said.counted && days.length > 0 && weekdays.length > 0;
  if (mixed || (said.dates > 1 && days.length > 1 && months.length > 1)) {
    return { wrong: 'Different kinds of days take a schedule each, as different dates do.' };
  }
  if (said.counted && unit !== 'month' && months.length === 0) {
    return { wrong: 'Of every month? Write "the first monday of every month at 9".' };
  }
  if (unit === 'week' && weekdays.length === 0) {
    return { wrong: 'On which day of the week? Write "every week on monday at 9".' };
  }
  if (unit === 'month' && !named) {
    return { wrong: 'On which day of the month? Write "every month on the 1st at 7".' };
  }
  if (
    (unit === 'year' && (months.length === 0 || !named)) ||
    (months.length > 0 && !named && unit !== 'day')
  ) {
    return { wrong: 'On which day of the year? Write "every year on march 1 at 9".' };
  }
  if (unit === undefined && !named && said.every === undefined) {
    return { wrong: 'On which days? Write "every day at 9" or "every weekday at 9".' };
  }
  const anyOr = (values: number[], key: keyof Cron) => (values.length > 0 ? values : all(key));
  return {
    days: anyOr(days, 'days'),
    months: anyOr(months, 'months'),
    weekdays: anyOr(sorted(weekdays), 'weekdays'),
  };
}

function timesIn({ times, half, between }: Said): Pick<Cron, 'minutes' | 'hours'> | { wrong: string } {
  if (between) return { wrong: 'How often in between? Write "every hour from 9 to 17".' };
  if (times.length === 0)
    return { wrong: 'At what time? Write "every weekday at 9" or "every day at 18:30".' };
  const hours: number[] = [];
  for (const { hour, minute, sure } of times) {
    const meant = half === 'pm' && !sure && hour < 12 ? hour + 12 : hour;
    if (half && (half === 'am') !== meant < 12) {
      return {
        wrong: `${clock({ hour, minute })} is not in that part of the day. Write "every day at 18:30".`,
      };
    }
    hours.push(meant);
  }
  const minutes = sorted(times.map(({ minute }) => minute));
  if (minutes.length > 1) {
    const named = times.map(clock).join(' and ');
    return { wrong: `${named} can't be in one schedule, because their minutes differ. Make one for each.` };
  }
  return { minutes, hours: sorted(hours) };
}

/** Intervals that divide the hour, and the day, evenly. */
const MINUTES = [10, 12, 15, 20, 30];
const HOURS = [1, 2, 3, 4, 6, 8, 12];

function intervalIn(said: Said, every: number): Pick<Cron, 'minutes' | 'hours'> | { wrong: string } {
  const { times, between } = said;
  if (times.length > 0)
    return { wrong: 'Either an interval or a time: write "every 2 hours" or "every day at 9".' };
  if (every * 60_000 < SHORTEST_GAP_MS) return { wrong: TOO_OFTEN };
  if (!MINUTES.includes(every) && !HOURS.includes(every / 60)) {
    return {
      wrong: `The clock has no such rhythm. Take every ${MINUTES.join(', ')} minutes, or every ${HOURS.join(', ')} hours.`,
    };
  }
  const [from, to] = between ?? [undefined, undefined];
  if (from && to && (from.minute !== 0 || to.minute !== 0 || to.hour <= from.hour)) {
    return { wrong: 'From which hour to which? Write "every hour from 9 to 17".' };
  }
  const first = from?.hour ?? 0;
  if (every >= 60) return { minutes: [0], hours: range(first, to?.hour ?? 23, every / 60) };
  return { minutes: range(0, 59, every), hours: range(first, (to?.hour ?? 24) - 1) };
}
