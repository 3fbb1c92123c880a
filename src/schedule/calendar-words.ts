import { MONTHS, WEEKDAYS } from './cron.js';

/** Patterns for the name of a weekday and of a month, long or short, in lower case. */
export const WEEKDAY_NAME =
  '(sun(?:day)?|mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:rs?|rsday)?|fri(?:day)?|sat(?:urday)?)';
export const MONTH_NAME =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';

/** Number of a weekday; 0 is Sunday. */
export function readWeekday(name: string): number {
  return WEEKDAYS.indexOf(name.slice(0, 3));
}

/** Number of a month, from 1. */
export function readMonth(name: string): number {
  return MONTHS.indexOf(name.slice(0, 3)) + 1;
}
