/** Times by the clock and the calendar: the values of cron's five fields, each sorted. All five must match. */
export interface Cron {
  minutes: number[];
  hours: number[];
  /** Of the month. */
  days: number[];
  months: number[];
  /** 0 is Sunday. */
  weekdays: number[];
}

interface Field {
  key: keyof Cron;
  what: string;
  min: number;
  max: number;
  /** Names of the values, from `min` on. */
  names?: readonly string[];
  /** A step from `min` on is written as one: "every 30 minutes". Steps of days begin anew each month or week. */
  steps?: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
export const WEEKDAYS = 'sun mon tue wed thu fri sat'.split(' ');
export const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

const FIELDS: Field[] = [
  { key: 'minutes', what: 'minute', min: 0, max: 59, steps: true },
  { key: 'hours', what: 'hour', min: 0, max: 23, steps: true },
  { key: 'days', what: 'day of the month', min: 1, max: 31 },
  { key: 'months', what: 'month', min: 1, max: 12, names: MONTHS, steps: true },
  { key: 'weekdays', what: 'day of the week', min: 0, max: 6, names: WEEKDAYS },
];

/** Lists every value that a field can have. */
export function all(key: keyof Cron): number[] {
  const { min, max } = FIELDS.find((field) => field.key === key) as Field;
  return range(min, max);
}

/** Lists the whole numbers from one to another, both included. */
export function range(from: number, to: number, step = 1): number[] {
  return Array.from(
    { length: Math.max(0, Math.floor((to - from) / step) + 1) },
    (_, index) => from + index * step,
  );
}

/** Reads a cron expression of five fields; a sentence that says what is wrong where it is none. */
export function readCron(text: string): Cron | { wrong: string } {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length)
    return { wrong: `A cron expression has five fields, not ${parts.length}.` };
  const cron: Cron = { minutes: [], hours: [], days: [], months: [], weekdays: [] };
  for (const [index, field] of FIELDS.entries()) {
    const part = parts[index] ?? '';
    const values = part.split(',').map((piece) => readPiece(piece, field));
    if (values.includes(undefined)) {
      return {
        wrong: `"${part}" is no ${field.what}: it takes ${field.min} to ${field.max}, *, ranges, lists and steps.`,
      };
    }
    cron[field.key] = sorted(values.flatMap((value) => value ?? []));
  }
  return cron;
}

/** One piece of a list: `*`, `5`, `mon`, `1-5`, each with or without a step. */
function readPiece(piece: string, field: Field): number[] | undefined {
  const [, first = '', last, step = '1'] =
    /^(\*|\d+|[a-z]{3})(?:-(\d+|[a-z]{3}))?(?:\/([1-9]\d*))?$/i.exec(piece) ?? [];
  const { min, max } = field;
  if (first === '*') return last === undefined ? range(min, max, Number(step)) : undefined;
  const from = numberOf(first, field);
  // A step without an end goes on to the last value, as in crontab(5)'s successors and in Temporal.
  const to = last !== undefined ? numberOf(last, field) : piece.includes('/') ? max : from;
  if (from === undefined || to === undefined || to < from) return undefined;
  // 7 is another word for Sunday.
  return range(from, to, Number(step)).map((value) => (field.key === 'weekdays' ? value % 7 : value));
}

function numberOf(word: string, { key, min, max, names }: Field): number | undefined {
  if (/^\d+$/.test(word)) {
    const value = Number(word);
    return value >= min && value <= (key === 'weekdays' ? 7 : max) ? value : undefined;
  }
  const index = names?.indexOf(word.toLowerCase()) ?? -1;
  return index < 0 ? undefined : min + index;
}

/** Writes the shortest expression. */
export function renderCron(cron: Cron): string {
  return FIELDS.map((field) => renderField(cron[field.key], field)).join(' ');
}

function renderField(values: number[], { min, max, steps }: Field): string {
  const [first = min, second] = values;
  if (values.length === max - min + 1) return '*';
  const step = second === undefined ? 0 : second - first;
  const isEven = (max - min + 1) % step === 0 && String(values) === String(range(min, max, step));
  if (steps && step > 1 && isEven) return `*/${step}`;
  return runs(values)
    .map(([from, to]) => (to - from < 2 ? range(from, to).join(',') : `${from}-${to}`))
    .join(',');
}

/** Values that follow each other, put together: the first and the last of each. */
function runs(values: number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const value of values) {
    const last = found.at(-1);
    if (last && value === last[1] + 1) last[1] = value;
    else found.push([value, value]);
  }
  return found;
}

export function sorted(values: Iterable<number>): number[] {
  return [...new Set(values)].toSorted((one, other) => one - other);
}

/** Returns the least time between two of its moments on the clock, in milliseconds; a day is taken to follow a day. */
export function shortestGapMs({ minutes, hours }: Cron): number {
  const moments = sorted(hours.flatMap((hour) => minutes.map((minute) => (hour * 60 + minute) * MINUTE_MS)));
  const around = [...moments, (moments[0] ?? 0) + DAY_MS];
  return Math.min(...moments.map((moment, index) => (around[index + 1] ?? 0) - moment));
}

/** Tells whether such a day exists: there is no 30 February. */
export function everComes({ days, months }: Cron): boolean {
  // 2024 was a leap year.
  return months.some((month) => days.some((day) => day <= new Date(Date.UTC(2024, month, 0)).getUTCDate()));
}
