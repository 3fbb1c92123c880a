import type { Budget, Spent } from '../../../run/budget.js';
import { count } from '../kit/text.js';

/** Dollars to two significant digits: "about $0.031". */
export function costWords(usd: number): string {
  const rounded = usd.toLocaleString('en-US', { maximumSignificantDigits: 2 });
  return `about $${/\.\d$/.test(rounded) ? `${rounded}0` : rounded}`;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Milliseconds in words: "45 s", "12 min", "1 h 5 min". */
export function durationWords(ms: number): string {
  if (ms < MINUTE) return `${Math.max(Math.round(ms / SECOND), 1)} s`;
  const minutes = Math.round(ms / MINUTE);
  if (minutes < 60) return `${minutes} min`;
  const [hours, rest] = [Math.floor((minutes * MINUTE) / HOUR), minutes % 60];
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** So much of one part of a budget, in words. */
export function amountWords(part: keyof Budget, amount: number): string {
  switch (part) {
    case 'turns':
      return count(amount, 'turn');
    case 'toolCalls':
      return count(amount, 'tool call');
    case 'tokens':
      return count(amount, 'token');
    case 'costUsd':
      return amount === 0 ? '$0' : costWords(amount);
    case 'timeMs':
      return amount === 0 ? 'no time' : durationWords(amount);
  }
}

/** How much of one part of a budget is spent, in words: "12 of 50". */
export function spentOfWords(part: keyof Budget, spent: Budget, budget: Budget): string {
  const [used, most] = [spent[part], budget[part]];
  switch (part) {
    case 'costUsd':
      return `${amountWords(part, used)} of $${most.toLocaleString('en-US')}`;
    case 'timeMs':
      return `${amountWords(part, used)} of ${durationWords(most)}`;
    default:
      return `${used.toLocaleString('en-US')} of ${most.toLocaleString('en-US')}`;
  }
}

/** What a run has used up. What a model without a price costs isn't known, and isn't told. */
export function spentWords({ turns, toolCalls, tokens, costUsd }: Omit<Spent, 'timeMs'>): string {
  return [
    amountWords('turns', turns),
    amountWords('toolCalls', toolCalls),
    amountWords('tokens', tokens),
    ...(costUsd > 0 ? [costWords(costUsd)] : []),
  ].join(' · ');
}
