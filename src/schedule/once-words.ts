import { MONTH_NAME, readMonth, readWeekday, WEEKDAY_NAME } from './calendar-words.js';
import { PROBLEMS } from './problems.js';
import { refuse } from './time-of-day.js';
import type { AddPhrase, TimetableWords } from './timetable-words.js';

/** A day that comes once: so many days from today, the next day of a name, or a date. `month` is from 1. */
export type SingleDay =
  | { kind: 'days'; days: number }
  | { kind: 'weekday'; weekday: number; notToday: boolean }
  | { kind: 'date'; year: number; month: number; day: number };

/** Words for one moment. Both are unset after "once" alone. */
export interface OnceWords {
  day?: SingleDay;
  delayMinutes?: number;
}

const MINUTES = { m: 1, h: 60, d: 24 * 60, w: 7 * 24 * 60 };
const NUMBERS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const NUMBER = `(\\d{1,6}|an?|${NUMBERS.join('|')})`;

/** Phrases for one moment: "tomorrow", "next monday", "december 7 2026", "in 2 hours". */
export const ONCE_PHRASES: [string, AddPhrase][] = [
  ['(?:just )?once', (words) => setOnce(words, {})],
  ['today', (words) => addDays(words, 0)],
  ['tomorrow', (words) => addDays(words, 1)],
  ['(?:the )?day after tomorrow', (words) => addDays(words, 2)],
  ['this morning', (words) => addDays(words, 0, 'am')],
  ['tonight|this (?:afternoon|evening)', (words) => addDays(words, 0, 'pm')],
  [
    `(this|next|coming) ${WEEKDAY_NAME}`,
    (words, which, name) =>
      setDay(words, { kind: 'weekday', weekday: readWeekday(name), notToday: which === 'next' }),
  ],
  ['next (week|month|year)', (_, unit) => refuse(PROBLEMS.nextWhat(unit))],
  [`in ${NUMBER} (month|year)s?`, (_, __, unit) => refuse(PROBLEMS.nextWhat(unit))],
  ['in half an hour', (words) => setOnce(words, { delayMinutes: 30 })],
  [`in ${NUMBER} ?(minute|min|m|hour|hr|h|day|d|week|w)s?`, setDelay],
  ['(\\d{4})-(\\d{2})-(\\d{2})', (words, ...date) => setDate(words, ...date)],
  [
    `${MONTH_NAME} (\\d{1,2})(?:st|nd|rd|th)?(?: and)? (\\d{4})`,
    (words, month, day, year) => setDate(words, year, String(readMonth(month)), day),
  ],
  [
    `(\\d{1,2})(?:st|nd|rd|th)? (?:of )?${MONTH_NAME}(?: and)? (\\d{4})`,
    (words, day, month, year) => setDate(words, year, String(readMonth(month)), day),
  ],
];

function setOnce(words: TimetableWords, { day, delayMinutes }: OnceWords): void {
  const { once = {} } = words;
  if (day && once.day) refuse(PROBLEMS.oneMoment);
  words.once = { ...once, ...(day && { day }), ...(delayMinutes !== undefined && { delayMinutes }) };
}

function setDay(words: TimetableWords, day: SingleDay): void {
  setOnce(words, { day });
}

function addDays(words: TimetableWords, days: number, half?: 'am' | 'pm'): void {
  setDay(words, { kind: 'days', days });
  if (half) words.half = half;
}

function setDate(words: TimetableWords, year: string, month: string, day: string): void {
  setDay(words, { kind: 'date', year: Number(year), month: Number(month), day: Number(day) });
}

function setDelay(words: TimetableWords, number: string, unit: string): void {
  const named = NUMBERS.indexOf(number);
  const count = /^an?$/.test(number) ? 1 : named < 0 ? Number(number) : named;
  const minutes = MINUTES[unit.charAt(0) as keyof typeof MINUTES];
  setOnce(words, { delayMinutes: count * minutes });
}

/** True for words that name one moment: so they say, or they name a single day without "every". */
export function isOnce(words: TimetableWords): boolean {
  const { once, repeats, unit, every, between, counted, days, months, weekdays } = words;
  if (once) return true;
  if (repeats || unit || every !== undefined || between || counted) return false;
  const isWeekday = weekdays.length === 1 && days.length === 0 && months.length === 0;
  return isWeekday || (weekdays.length === 0 && days.length === 1 && months.length === 1);
}
