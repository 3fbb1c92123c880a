import type { Condition, ToolRule } from '../../approval/policy.js';
import { matches } from './tools.js';

type Input = Record<string, unknown>;

/** A condition, read. `limit`: a comparison with a number. `value`: a number or a boolean. `text`: a glob, or a text as it is (`exact`). */
type Test =
  | { limit: number; operator: keyof typeof COMPARE }
  | { value: number | boolean }
  | { text: string; exact: boolean };

const NUMBER = /^-?\d+(?:\.\d+)?$/;
const COMPARE = {
  '>': (value: number, limit: number) => value > limit,
  '>=': (value: number, limit: number) => value >= limit,
  '<': (value: number, limit: number) => value < limit,
  '<=': (value: number, limit: number) => value <= limit,
};

/**
 * True if arguments meet the conditions of a rule. `ask` and `deny` match if one element of a list does, and if an argument is missing or
 * unreadable. `allow` matches only if all elements do.
 */
export function meetsConditions(
  { rule, where = {} }: Pick<ToolRule, 'rule' | 'where'>,
  input: Input,
): boolean {
  const isAllow = rule === 'allow';
  return Object.entries(where).every(([path, conditions]) => {
    const met = valuesAt(input, path).map((value) => meetsOne(conditions, value, isAllow) ?? !isAllow);
    return isAllow ? met.every(Boolean) : met.some(Boolean);
  });
}

/** Reasons why a rule that asks or denies applies to a call, for people: "amount > 1,000". */
export function reasonsOf({ where = {} }: Pick<ToolRule, 'where'>, input: Input): string[] {
  return Object.entries(where).map(([path, conditions]) => {
    const met = valuesAt(input, path).map((value) => meetsOne(conditions, value, false));
    return met.includes(true) ? `${path} ${conditionsText(conditions)}` : `${path} is missing or unreadable`;
  });
}

/** Problem of a condition that can't be meant as it is written. */
export function problemOfCondition(condition: Condition): string | undefined {
  const test = readCondition(condition);
  if (typeof condition === 'string' && /^[<>]/.test(condition) && !('limit' in test))
    return 'must compare with a number, such as "> 1000"';
  const [number] = 'limit' in test ? [test.limit] : 'value' in test ? [test.value] : [];
  const isExact = !Number.isInteger(number) || Number.isSafeInteger(number);
  return isExact ? undefined : 'is too large a number to be compared exactly';
}

function readCondition(condition: Condition): Test {
  if (typeof condition !== 'string') return { value: condition };
  const [, operator = '', rest = ''] = /^(>=?|<=?|=)\s*(.*)$/s.exec(condition.trim()) ?? [];
  if (operator === '=') return NUMBER.test(rest) ? { value: Number(rest) } : { text: rest, exact: true };
  return isComparison(operator) && NUMBER.test(rest)
    ? { limit: Number(rest), operator }
    : { text: condition, exact: false };
}

function isComparison(operator: string): operator is keyof typeof COMPARE {
  return operator in COMPARE;
}

/** True if a value meets one of the conditions; undefined if none of them can read a value of its type. */
function meetsOne(conditions: readonly Condition[], value: unknown, isAllow: boolean): boolean | undefined {
  const met = conditions.map((condition) => meets(readCondition(condition), value, isAllow));
  return met.every((each) => each === undefined) ? undefined : met.includes(true);
}

function meets(test: Test, value: unknown, isAllow: boolean): boolean | undefined {
  if ('limit' in test) {
    return typeof value === 'number' ? COMPARE[test.operator](value, test.limit) : undefined;
  }
  if ('value' in test) return typeof value === typeof test.value ? value === test.value : undefined;
  if (typeof value !== 'string') return undefined;
  const isMatch = test.exact ? (text: string, given: string) => text === given : matches;
  // Another case, or white space around it, gets no value past `ask` and `deny`.
  const isLoose = !isAllow && isMatch(test.text.toLowerCase(), value.trim().toLowerCase());
  return isLoose || isMatch(test.text, value);
}

/**
 * Values at a path, elements of lists one by one; `undefined` stands for a missing one. A name with dots in it may be one argument, or lead
 * into one.
 */
function valuesAt(value: unknown, path: string): unknown[] {
  if (Array.isArray(value))
    return value.length === 0 ? [undefined] : value.flatMap((one) => valuesAt(one, path));
  if (path === '') return [value];
  if (typeof value !== 'object' || value === null) return [undefined];
  const parts = path.split('.');
  const found = parts.flatMap((_, at) => {
    const name = parts.slice(0, at + 1).join('.');
    const own = Object.entries(value).find(([key]) => key === name);
    return own ? valuesAt(own[1], parts.slice(at + 1).join('.')) : [];
  });
  return found.length === 0 ? [undefined] : found;
}

function conditionsText(conditions: readonly Condition[]): string {
  const texts = conditions.map((condition) => {
    const test = readCondition(condition);
    if ('limit' in test) return `${test.operator} ${numberText(test.limit)}`;
    if ('value' in test) return `is ${typeof test.value === 'number' ? numberText(test.value) : test.value}`;
    return test.exact || !test.text.includes('*') ? `is ${test.text}` : `matches ${test.text}`;
  });
  return texts.join(' or ');
}

function numberText(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 20 });
}
