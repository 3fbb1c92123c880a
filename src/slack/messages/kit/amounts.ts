import type { Budget } from '../../../approval/policy.js';
import { count } from './text.js';

/** Dollars to two significant digits: "about $0.031". */
export function costText(usd: number): string {
  const rounded = usd.toLocaleString('en-US', { maximumSignificantDigits: 2 });
  return `about $${/\.\d$/.test(rounded) ? `${rounded}0` : rounded}`;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Milliseconds: "45 s", "12 min", "1 h 5 min". */
export function durationText(ms: number): string {
  if (ms < MINUTE) return `${Math.max(Math.round(ms / SECOND), 1)} s`;
  const minutes = Math.round(ms / MINUTE);
  if (minutes < 60) return `${minutes} min`;
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** An amount of each part of a budget. */
const AMOUNTS: Record<keyof Budget, (amount: number) => string> = {
  turns: (amount) => count(amount, 'turn'),
  toolCalls: (amount) => count(amount, 'tool call'),
  tokens: (amount) => count(amount, 'token'),
  costUsd: (amount) => (amount === 0 ? '$0' : costText(amount)),
  timeMs: (amount) => (amount === 0 ? 'no time' : durationText(amount)),
};

export function amountText(part: keyof Budget, amount: number): string {
  return AMOUNTS[part](amount);
}

/** How much of one part of a budget is spent: "12 of 50". */
export function shareText(part: keyof Budget, spent: Budget, budget: Budget): string {
  const [used, most] = [spent[part], budget[part]];
  if (part === 'costUsd') return `${amountText(part, used)} of $${most.toLocaleString('en-US')}`;
  if (part === 'timeMs') return `${amountText(part, used)} of ${durationText(most)}`;
  return `${used.toLocaleString('en-US')} of ${most.toLocaleString('en-US')}`;
}

/** Usage of a run so far. The cost of a model without a price isn't known, and isn't shown. */
export function spentText({ turns, toolCalls, tokens, costUsd }: Omit<Budget, 'timeMs'>): string {
  return [
    amountText('turns', turns),
    amountText('toolCalls', toolCalls),
    amountText('tokens', tokens),
    ...(costUsd > 0 ? [costText(costUsd)] : []),
  ].join(' · ');
}
