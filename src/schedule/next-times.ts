import { Cron } from 'croner';

/**
 * Next times of a cron expression, with or without a year, in an IANA time zone, in order. When the clock is set forward, skipped times are left out. When it is
 * set back, repeated times occur twice. Temporal's server decides in both cases.
 */
export function nextTimes(expression: string, timezone: string, after: Date, count: number): Date[] {
  // A step in the seconds field makes croner drop skipped times and repeat repeated ones. Without a step, croner shifts and merges them.
  const cron = new Cron(`*/60 ${expression}`, { timezone, domAndDow: true, mode: '6-or-7-parts' });
  return cron.nextRuns(count, after);
}

/** True if an IANA time zone has this name. */
export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
