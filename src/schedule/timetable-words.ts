import { MONTHS, range, WEEKDAYS } from './cron.js';
import { type Time, timeOf } from './time-of-day.js';

/** What the words of a timetable say, piece by piece. */
export interface Said {
  /** An interval, in minutes, and the hours between which it holds. */
  every?: number;
  between?: [Time, Time];
  times: Time[];
  half?: 'am' | 'pm';
  days: number[];
  months: number[];
  weekdays: number[];
  /** `every day`, or one day a week, a month or a year. */
  unit?: 'day' | 'week' | 'month' | 'year';
  /** A weekday was counted: the second Monday. */
  counted?: boolean;
  /** How many dates were named with their month: "march 1". */
  dates: number;
  /** In which order days (`d`) and times (`t`) were named; several of a kind in a row count once. */
  order: string;
}

/** What could be written, for when something wasn't understood. */
export const EXAMPLES =
  '"every weekday at 9", "mondays and thursdays at 8:15", "every month on the 1st at 7", "every 2 hours", or cron: "0 9 * * 1-5"';

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];
const WEEKDAY =
  '(sun(?:day)?|mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:rs?|rsday)?|fri(?:day)?|sat(?:urday)?)s?';
const MONTH =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
const ORDINAL = `(\\d{1,2}(?:st|nd|rd|th)|${ORDINALS.join('|')})`;
const TIME = '(\\d{1,2}(?:[:.]\\d{2})?(?: ?[ap]m)?|noon|midday|midnight)';
const SURE_TIME = '(\\d{1,2}[:.]\\d{2}(?: ?[ap]m)?|\\d{1,2} ?[ap]m|noon|midday|midnight)';
const TO = ' ?(?:to|through|thru|until|till|-|–) ?';
const EVERY = '(?:(?:every|each|a|of the|of every|of each) )?';

/** Takes what a phrase says, by the parts that its pattern captured; returns what is wrong with it, if anything is. */
type Take = (said: Said, one: string, two: string) => string | undefined;

/** The phrases in the order in which they are looked for. */
const PHRASES: [string, Take][] = [
  ['every half (?:an )?hour|half-?hourly', (said) => interval(said, 30)],
  ['hourly', (said) => interval(said, 60)],
  ['(?:every|each) (?:(\\d+|other) )?(min|h)(?:utes?|ours?|rs?|s)?', everySoOften],
  ['(?:every|each) \\d+ sec(?:ond)?s?', (said) => interval(said, 0)],
  [`${EVERY}quarter|quarterly|every 3 months`, (said) => unit(said, 'month') ?? months(said, [1, 4, 7, 10])],
  [`(?:every|each) (?:[2-9]|\\d\\d+|other) (?:(?:week)?day|week|month|year|${WEEKDAY})s?`, uneven],
  ['fortnightly|bi-?weekly', uneven],
  [`${EVERY}(?:week ?|work(?:ing )?|business )days?`, (said) => weekdays(said, range(1, 5))],
  [`${EVERY}weekends?`, (said) => weekdays(said, [0, 6])],
  [`${EVERY}day|daily`, (said) => unit(said, 'day')],
  [`${EVERY}week|weekly`, (said) => unit(said, 'week')],
  [`${EVERY}month|monthly`, (said) => unit(said, 'month')],
  [`${EVERY}year|yearly|annually`, (said) => unit(said, 'year')],
  ['(?:every|each) morning', (said) => unit(said, 'day') ?? half(said, 'am')],
  ['(?:every|each) (?:afternoon|evening)', (said) => unit(said, 'day') ?? half(said, 'pm')],
  ['(?:in the )?mornings?', (said) => half(said, 'am')],
  ['(?:in the )?(?:afternoon|evening)s?', (said) => half(said, 'pm')],
  [`${WEEKDAY}${TO}${WEEKDAY}`, (said, from, to) => weekdays(said, fromTo(weekday(from), weekday(to)))],
  ['last', () => 'A month\'s last day moves. Name one that doesn\'t: "every month on the 28th at 9".'],
  [`${ORDINAL} ${WEEKDAY}`, (said, nth, day) => countedWeekday(said, ordinal(nth), weekday(day))],
  [`${MONTH} (\\d{1,2})(?:st|nd|rd|th)?(?![:.]| ?[ap]m)`, (said, name, day) => date(said, Number(day), name)],
  [`(\\d{1,2}) ${MONTH}`, (said, day, name) => date(said, Number(day), name)],
  [`${ORDINAL}(?: day)?`, (said, nth) => date(said, ordinal(nth))],
  ['day (\\d{1,2})', (said, day) => date(said, Number(day))],
  [WEEKDAY, (said, day) => weekdays(said, [weekday(day)])],
  [MONTH, (said, name) => months(said, [month(name)])],
  [`(?:from|between) ${TIME}(?:${TO}| and )${TIME}`, between],
  [`at ${TIME}`, at],
  [SURE_TIME, at],
  ['(\\d{1,2})', bareNumber],
  ['every|each|on|the|of|in|and|at|from', () => undefined],
];

const MATCHERS = PHRASES.map(([phrase, take]) => ({
  pattern: new RegExp(`^(?:${phrase})(?![a-z\\d])`),
  take,
}));

/** Reads words of English, phrase after phrase, in any order; a sentence where one isn't understood or can't be. */
export function hear(text: string): Said | { wrong: string } {
  const said: Said = { times: [], days: [], months: [], weekdays: [], dates: 0, order: '' };
  let rest = text
    .replaceAll(/([ap])\.m\.?/g, '$1m')
    .replaceAll(/ ?o[’']?clock/g, '')
    .replaceAll(/[,;&+]/g, ' and ')
    .replaceAll(/\s+/g, ' ')
    .replace(/[ .!]+$/, '')
    .trim();
  while (rest !== '') {
    const heard = MATCHERS.map(({ pattern, take }) => ({ match: pattern.exec(rest), take })).find(
      ({ match }) => match,
    );
    if (!heard?.match) return { wrong: `I don't understand "${rest.split(' ')[0]}". Write ${EXAMPLES}.` };
    const [whole, one = '', two = ''] = heard.match;
    const wrong = heard.take(said, one, two);
    if (wrong) return { wrong };
    rest = rest.slice(whole.length).trim();
  }
  // "mondays at 9 and fridays at 10" must not become both days at both times.
  if (/dtd|tdt/.test(said.order)) return { wrong: 'Different days at different times take a schedule each.' };
  return said;
}

function named(said: Said, kind: 'd' | 't'): undefined {
  if (!said.order.endsWith(kind)) said.order += kind;
}

function everySoOften(said: Said, many: string, name: string): string | undefined {
  const count = many === '' ? 1 : many === 'other' ? 2 : Number(many);
  return interval(said, name === 'h' ? count * 60 : count);
}

function interval(said: Said, minutes: number): string | undefined {
  if (said.every !== undefined) return 'Name one interval: "every 2 hours".';
  said.every = minutes;
  return undefined;
}

function uneven(): string {
  return 'The calendar has no such rhythm. Name the days: "mondays and thursdays at 8:15", "on the 1st and 15th of every month at 9".';
}

function unit(said: Said, name: NonNullable<Said['unit']>): undefined {
  // Of "the 1st day of every month" the month counts.
  if (said.unit === undefined || said.unit === 'day') said.unit = name;
  if (name === 'day') named(said, 'd');
}

function half(said: Said, name: 'am' | 'pm'): undefined {
  said.half = name;
}

function weekdays(said: Said, days: number[]): undefined {
  said.weekdays.push(...days);
  named(said, 'd');
}

function months(said: Said, values: number[]): undefined {
  said.months.push(...values);
}

function countedWeekday(said: Said, nth: number, day: number): string | undefined {
  if (nth < 1 || nth > 4)
    return 'Not every month has that. Take the first to the fourth, or a day of the month.';
  if (said.days.length > 0) return 'A schedule counts one weekday: "the first monday of every month at 9".';
  said.counted = true;
  said.days.push(...range(nth * 7 - 6, nth * 7));
  return weekdays(said, [day]);
}

function date(said: Said, day: number, name?: string): string | undefined {
  if (day < 1 || day > 31) return `No month has a day ${day}.`;
  said.days.push(day);
  if (name) {
    said.months.push(month(name));
    said.dates += 1;
  }
  return named(said, 'd');
}

function between(said: Said, from: string, to: string): string | undefined {
  const [first, last] = [timeOf(from), timeOf(to)];
  if (typeof first === 'string') return first;
  if (typeof last === 'string') return last;
  said.between = [first, last];
  return undefined;
}

function at(said: Said, text: string): string | undefined {
  const time = timeOf(text);
  if (typeof time === 'string') return time;
  said.times.push(time);
  return named(said, 't');
}

/** After a time it is one, too: "at 9 and 17". */
function bareNumber(said: Said, text: string): string | undefined {
  if (said.times.length > 0) return at(said, text);
  return `"${text}" may be a day or a time: write "at ${text}", or the day as in "on the 1st".`;
}

function ordinal(text: string): number {
  const index = ORDINALS.indexOf(text);
  return index < 0 ? Number.parseInt(text, 10) : index + 1;
}

function weekday(text: string): number {
  return WEEKDAYS.indexOf(text.slice(0, 3));
}

function month(text: string): number {
  return MONTHS.indexOf(text.slice(0, 3)) + 1;
}

/** Weekdays from one to another, around the end of the week. */
function fromTo(from: number, to: number): number[] {
  return range(from, to < from ? to + 7 : to).map((day) => day % 7);
}
