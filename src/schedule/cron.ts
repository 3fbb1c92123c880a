import { PROBLEMS } from './problems.js';
import { refuse } from './time-of-day.js';

/** Values of cron's five fields, each sorted. An empty field matches any value. All five must match. */
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
  /** Names of the values, starting at `min`. */
  names?: readonly string[];
  /** True if a step from `min` is written as one: "every 30 minutes". Steps of days are listed, because they restart each month or week. */
  steps?: boolean;
}

export const WEEKDAYS = 'sun mon tue wed thu fri sat'.split(' ');
export const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');

const FIELDS: Field[] = [
  { key: 'minutes', what: 'minute', min: 0, max: 59, steps: true },
  { key: 'hours', what: 'hour', min: 0, max: 23, steps: true },
  { key: 'days', what: 'day of the month', min: 1, max: 31 },
  { key: 'months', what: 'month', min: 1, max: 12, names: MONTHS, steps: true },
  { key: 'weekdays', what: 'day of the week', min: 0, max: 6, names: WEEKDAYS },
];

/** Whole numbers in a range, both ends included. */
export function range(from: number, to: number, step = 1): number[] {
  const length = Math.max(0, Math.floor((to - from) / step) + 1);
  return Array.from({ length }, (_, index) => from + index * step);
}

/** Reads a cron expression of five fields. @throws TimetableError */
export function readCron(text: string): Cron {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) refuse(PROBLEMS.cronFields(parts.length));
  const cron: Cron = { minutes: [], hours: [], days: [], months: [], weekdays: [] };
  for (const [index, field] of FIELDS.entries()) cron[field.key] = readField(parts[index] ?? '', field);
  return cron;
}

function readField(part: string, field: Field): number[] {
  const values = part.split(',').map((piece) => readPiece(piece, field));
  const { what, min, max } = field;
  if (!values.every((value) => value !== undefined)) refuse(PROBLEMS.cronField(part, what, min, max));
  return sorted(values.flat());
}

/** Reads one element of a list: `*`, `5`, `mon`, `1-5`, each with or without a step. */
function readPiece(piece: string, field: Field): number[] | undefined {
  const [, first, last, step] = /^(\*|\d+|[a-z]{3})(?:-(\d+|[a-z]{3}))?(?:\/([1-9]\d*))?$/i.exec(piece) ?? [];
  if (first === undefined) return undefined;
  const { min, max } = field;
  if (first === '*') return last === undefined ? range(min, max, Number(step ?? 1)) : undefined;
  const from = numberOf(first, field);
  // A step without an end runs to the last value, as in Temporal and other cron implementations.
  const to = last !== undefined ? numberOf(last, field) : step !== undefined ? max : from;
  if (from === undefined || to === undefined || to < from) return undefined;
  // 7 also means Sunday.
  return range(from, to, Number(step ?? 1)).map((value) => (field.key === 'weekdays' ? value % 7 : value));
}

function numberOf(word: string, { key, min, max, names = [] }: Field): number | undefined {
  const index = names.indexOf(word.toLowerCase());
  const value = index < 0 ? Number(word) : min + index;
  return value >= min && value <= (key === 'weekdays' ? 7 : max) ? value : undefined;
}

/** Writes the shortest expression. */
export function renderCron(cron: Cron): string {
  return FIELDS.map((field) => renderField(cron[field.key], field)).join(' ');
}

function renderField(values: number[], { min, max, steps }: Field): string {
  const count = max - min + 1;
  if (values.length === 0 || values.length === count) return '*';
  const step = count / values.length;
  if (steps && values.length > 1 && String(values) === String(range(min, max, step))) return `*/${step}`;
  const runs: number[][] = [];
  for (const value of values) {
    if (runs.at(-1)?.at(-1) === value - 1) runs.at(-1)?.push(value);
    else runs.push([value]);
  }
  return runs.map((run) => (run.length < 3 ? run.join(',') : `${run[0]}-${run.at(-1)}`)).join(',');
}

export function sorted(values: Iterable<number>): number[] {
  return [...new Set(values)].toSorted((one, other) => one - other);
}

/** Shortest gap between two times of the expression, in milliseconds. Times of one day are compared with the next day. */
export function shortestGapMs({ minutes, hours }: Cron): number {
  const moments = sorted(hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute)));
  const gaps = moments.map((moment, index) => (moments[index + 1] ?? (moments[0] ?? 0) + 24 * 60) - moment);
  return Math.min(...gaps) * 60_000;
}
