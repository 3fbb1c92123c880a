import { Cron } from 'croner';

/**
 * Lists the next times of a cron expression in an IANA time zone, in order. A time that the clock skips when it is set forward does not
 * come; one in an hour that it repeats comes twice. Temporal's server has the last word on both.
 */
export function nextTimes(expression: string, timezone: string, after: Date, count: number): Date[] {
  // Seconds as a step: croner moves a time without any step out of the hour that is skipped, and doesn't repeat it.
  const cron = new Cron(`*/60 ${expression}`, { timezone, domAndDow: true, mode: '6-part' });
  return cron.nextRuns(count, after);
}

/** Tells whether there is an IANA time zone of this name. */
export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
