import { MONTH_NAME, readMonth, readWeekday, WEEKDAY_NAME } from './calendar-words.js';
import { range } from './cron.js';
import { ONCE_PHRASES, type OnceWords } from './once-words.js';
import { PROBLEMS } from './problems.js';
import { readTime, refuse, type TimeOfDay } from './time-of-day.js';

/** Words of a timetable, phrase by phrase. */
export interface TimetableWords {
  /** An interval in minutes, and the hours to which it is limited. */
  every?: number;
  between?: [TimeOfDay, TimeOfDay];
  times: TimeOfDay[];
  half?: 'am' | 'pm';
  days: number[];
  months: number[];
  weekdays: number[];
  /** Unit of "every": `every day`, or one day a week, month or year. */
  unit?: 'day' | 'week' | 'month' | 'year';
  /** True if a weekday was counted, as in "the second Monday". */
  counted?: boolean;
  /** Number of dates that name a month: "march 1". */
  dates: number;
  /** True after "every", or a plural: "mondays". */
  repeats?: true;
  /** Set for words that name one moment: "once", "tomorrow", "in 2 hours". */
  once?: OnceWords;
  /** Order in which days (`d`) and times (`t`) were named. Repeats of a kind count once. */
  order: string;
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];
const WEEKDAY = `${WEEKDAY_NAME}s?`;
const DAYS = `(?:(?:week)?day|week|month|year|${WEEKDAY})s?`;
const ORDINAL = `(\\d{1,2}(?:st|nd|rd|th)|${ORDINALS.join('|')})`;
const TIME = '(\\d{1,2}(?:[:.]\\d{2})?(?: ?[ap]m)?|noon|midday|midnight)';
const SURE_TIME = '(\\d{1,2}[:.]\\d{2}(?: ?[ap]m)?|\\d{1,2} ?[ap]m|noon|midday|midnight)';
const TO = ' ?(?:to|through|thru|until|till|-|–) ?';
const EVERY = '(?:(?:every|each|a|of the|of every|of each) )?';

/** Adds a phrase to the words. The other arguments are the parts that its pattern captured. @throws TimetableError */
export type AddPhrase = (words: TimetableWords, one: string, two: string, three: string) => unknown;

const PHRASES: [string, AddPhrase][] = [
  ['every half (?:an )?hour|half-?hourly', (words) => setInterval(words, 30)],
  ['hourly', (words) => setInterval(words, 60)],
  ['(?:every|each) (?:(\\d+|other) )?(min|h)(?:utes?|ours?|rs?|s)?', setNamedInterval],
  ['(?:every|each) \\d+ sec(?:ond)?s?', (words) => setInterval(words, 0)],
  [`${EVERY}quarter|quarterly|every 3 months`, (words) => setUnit(words, 'month').months.push(1, 4, 7, 10)],
  [`(every other|each other|(?:every|each) (?:[2-9]|\\d\\d+) ${DAYS})(?: ${DAYS})?`, refuseUneven],
  ['(fortnightly|bi-?weekly)', refuseUneven],
  ...ONCE_PHRASES,
  [`${EVERY}(?:week ?|work(?:ing )?|business )days?`, (words) => addWeekdays(words, range(1, 5))],
  [`${EVERY}weekends?`, (words) => addWeekdays(words, [0, 6])],
  [`${EVERY}day|daily`, (words) => setUnit(words, 'day')],
  [`${EVERY}week|weekly`, (words) => setUnit(words, 'week')],
  [`${EVERY}month|monthly`, (words) => setUnit(words, 'month')],
  [`${EVERY}year|yearly|annually`, (words) => setUnit(words, 'year')],
  ['(?:every|each) morning', (words) => setHalf(setUnit(words, 'day'), 'am')],
  ['(?:every|each) (?:afternoon|evening)', (words) => setHalf(setUnit(words, 'day'), 'pm')],
  ['(?:in the )?mornings?', (words) => setHalf(words, 'am')],
  ['(?:in the )?(?:afternoon|evening)s?', (words) => setHalf(words, 'pm')],
  [`${WEEKDAY}${TO}${WEEKDAY}`, (words, from, to) => addWeekdays(words, weekdaysBetween(from, to))],
  ['last', () => refuse(PROBLEMS.last)],
  [`${ORDINAL} ${WEEKDAY}`, (words, nth, day) => addCountedWeekday(words, ordinal(nth), readWeekday(day))],
  [
    `${MONTH_NAME} (\\d{1,2})(?:st|nd|rd|th)?(?![:.]| ?[ap]m)`,
    (words, name, day) => addDate(words, Number(day), name),
  ],
  [`(\\d{1,2}) ${MONTH_NAME}`, (words, day, name) => addDate(words, Number(day), name)],
  [`${ORDINAL}(?: day)?`, (words, nth) => addDate(words, ordinal(nth))],
  ['day (\\d{1,2})', (words, day) => addDate(words, Number(day))],
  [WEEKDAY_NAME, (words, day) => addWeekdays(words, [readWeekday(day)])],
  [WEEKDAY, addEachWeekday],
  [MONTH_NAME, (words, name) => words.months.push(readMonth(name))],
  [`(?:from|between) ${TIME}(?:${TO}| and )${TIME}`, setBetween],
  [`at ${TIME}`, addTime],
  [SURE_TIME, addTime],
  ['(\\d{1,2})', addBareNumber],
  ['every|each|on|the|of|in|and|at|from', () => {}],
];

const MATCHERS = PHRASES.map(([phrase, add]) => ({ pattern: new RegExp(`^(?:${phrase})(?![a-z\\d])`), add }));

/** Reads English phrases in any order. @throws TimetableError */
export function readWords(text: string): TimetableWords {
  const words: TimetableWords = { times: [], days: [], months: [], weekdays: [], dates: 0, order: '' };
  let rest = text
    .replaceAll(/([ap])\.m\.?/g, '$1m')
    .replaceAll(/ ?o[’']?clock/g, '')
    .replaceAll(/[,;&+]/g, ' and ')
    .replaceAll(/\s+/g, ' ')
    .replace(/[ .!]+$/, '')
    .trim();
  while (rest !== '') {
    const found = MATCHERS.find(({ pattern }) => pattern.test(rest));
    if (!found) return refuse(PROBLEMS.unknownWord(rest.split(' ', 1).join()));
    const [whole = '', one = '', two = '', three = ''] = found.pattern.exec(rest) ?? [];
    if (/^(?:every|each)\b/.test(whole)) words.repeats = true;
    found.add(words, one, two, three);
    rest = rest.slice(whole.length).trim();
  }
  // "mondays at 9 and fridays at 10" must not become both days at both times.
  if (/dtd|tdt/.test(words.order)) return refuse(PROBLEMS.daysWithTimes);
  return words;
}

function noteOrder(words: TimetableWords, kind: 'd' | 't'): void {
  if (!words.order.endsWith(kind)) words.order += kind;
}

function setNamedInterval(words: TimetableWords, many: string, name: string): void {
  const count = many === 'other' ? 2 : Number(many || 1);
  setInterval(words, name === 'h' ? count * 60 : count);
}

function setInterval(words: TimetableWords, minutes: number): void {
  if (words.every !== undefined) refuse(PROBLEMS.oneInterval);
  words.every = minutes;
}

function refuseUneven(_: TimetableWords, said: string): never {
  return refuse(PROBLEMS.everyOther(`${said.charAt(0).toUpperCase()}${said.slice(1)}`));
}

function setUnit(words: TimetableWords, name: NonNullable<TimetableWords['unit']>): TimetableWords {
  // In "the 1st day of every month" the month counts.
  if (words.unit === undefined || words.unit === 'day') words.unit = name;
  if (name === 'day') noteOrder(words, 'd');
  return words;
}

function setHalf(words: TimetableWords, half: 'am' | 'pm'): void {
  words.half = half;
}

function setBetween(words: TimetableWords, from: string, to: string): void {
  words.between = [readTime(from), readTime(to)];
}

function addWeekdays(words: TimetableWords, days: number[]): void {
  words.weekdays.push(...days);
  noteOrder(words, 'd');
}

/** Adds a plural: "mondays". */
function addEachWeekday(words: TimetableWords, day: string): void {
  words.repeats = true;
  addWeekdays(words, [readWeekday(day)]);
}

function addCountedWeekday(words: TimetableWords, nth: number, day: number): void {
  if (nth < 1 || nth > 4) refuse(PROBLEMS.fifth);
  if (words.days.length > 0) refuse(PROBLEMS.twoCounted);
  words.counted = true;
  words.days.push(...range(nth * 7 - 6, nth * 7));
  addWeekdays(words, [day]);
}

function addDate(words: TimetableWords, day: number, name?: string): void {
  if (day < 1 || day > 31) refuse(PROBLEMS.noSuchDay(day));
  words.days.push(day);
  if (name) {
    words.months.push(readMonth(name));
    words.dates += 1;
  }
  noteOrder(words, 'd');
}

function addTime(words: TimetableWords, text: string): void {
  words.times.push(readTime(text));
  noteOrder(words, 't');
}

/** Adds a bare number. After a time or a single day it is a time, as in "at 9 and 17" or "tomorrow 10". */
function addBareNumber(words: TimetableWords, text: string): void {
  if (words.times.length > 0 || words.once) addTime(words, text);
  else refuse(PROBLEMS.dayOrTime(text));
}

function ordinal(text: string): number {
  const index = ORDINALS.indexOf(text);
  return index < 0 ? Number.parseInt(text, 10) : index + 1;
}

/** Weekdays in a range, which may wrap around the week's end. */
function weekdaysBetween(first: string, last: string): number[] {
  const [from, to] = [readWeekday(first), readWeekday(last)];
  return range(from, to < from ? to + 7 : to).map((day) => day % 7);
}
