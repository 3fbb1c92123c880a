import { type Cron, sorted } from './cron.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Limit for the look ahead: a 29 February on a given day of the week comes after 40 years at the latest. */
const HORIZON_DAYS = 41 * 366;

/**
 * Lists the next moments after `after`, in order. A moment that the clock skips when it is set forward does not come; one in an hour
 * that it repeats comes twice. Temporal's server has the last word on both.
 *
 * @param zone IANA time zone.
 */
export function nextTimes(cron: Cron, zone: string, after: Date, count: number): Date[] {
  const clock = clockIn(zone);
  const found: number[] = [];
  // A day of the calendar, as if it were UTC.
  const today = Math.floor(clock(after.getTime()) / DAY_MS) * DAY_MS;
  for (let ahead = 0; ahead < HORIZON_DAYS && found.length < count; ahead += 1) {
    const day = new Date(today + ahead * DAY_MS);
    if (!cron.months.includes(day.getUTCMonth() + 1)) continue;
    if (!cron.days.includes(day.getUTCDate()) || !cron.weekdays.includes(day.getUTCDay())) continue;
    const moments = cron.hours.flatMap((hour) =>
      cron.minutes.flatMap((minute) => momentsAt(day.getTime() + (hour * 60 + minute) * MINUTE_MS, clock)),
    );
    found.push(...sorted(moments).filter((moment) => moment > after.getTime()));
  }
  return found.slice(0, count).map((moment) => new Date(moment));
}

/** Finds the moments at which the clock shows this: none, one or two. */
function momentsAt(shown: number, clock: (at: number) => number): number[] {
  const offsets = [shown - DAY_MS, shown + DAY_MS].map((at) => clock(at) - at);
  return sorted(offsets.map((offset) => shown - offset)).filter((at) => clock(at) === shown);
}

/** Makes a clock for the zone: it maps a moment to the time that it shows, both in milliseconds, as if it showed UTC. */
function clockIn(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (at) => {
    const parts = Object.fromEntries(
      format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (at % 1000);
  };
}

/** Tells whether there is an IANA time zone of this name. */
export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
