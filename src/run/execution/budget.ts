import type { Budget } from '../../approval/policy.js';
import type { Usage } from '../plan.js';

/** Amounts that an execution has used, in the units of `Budget`. */
export type Spent = Budget;

export const NOTHING_SPENT: Spent = { turns: 0, toolCalls: 0, tokens: 0, costUsd: 0, timeMs: 0 };

/** Words for the parts of a budget. */
export const BUDGET_PARTS: Record<keyof Budget, string> = {
  turns: 'model replies',
  toolCalls: 'actions',
  tokens: 'tokens',
  costUsd: 'money',
  timeMs: 'working time',
};

/** Default for parts that the policy doesn't name. */
export const DEFAULT_BUDGET: Budget = {
  turns: 50,
  toolCalls: 200,
  tokens: 2_000_000,
  costUsd: 10,
  timeMs: 3_600_000,
};

/** Amounts that the research and the plans have used. */
export function spentOnPlanning({ inputTokens, outputTokens, costUsd = 0 }: Usage): Spent {
  return { ...NOTHING_SPENT, tokens: inputTokens + outputTokens, costUsd };
}

/**
 * Finds a part of the budget that is exhausted, or too small for `calls` more calls; undefined while the run may continue. Without a call to make,
 * spent calls don't keep the model from saying what came of them.
 */
export function findSpentPart(budget: Budget, spent: Spent, calls = 0): keyof Budget | undefined {
  const parts = Object.keys(NOTHING_SPENT) as (keyof Budget)[];
  return parts.find((part) =>
    part === 'toolCalls'
      ? calls > 0 && spent.toolCalls + calls > budget.toolCalls
      : spent[part] >= budget[part],
  );
}

/** Extends each part of a budget by the `first` budget's amount. */
export function grantAgain(budget: Budget, first: Budget): Budget {
  const parts = Object.keys(NOTHING_SPENT) as (keyof Budget)[];
  return { ...budget, ...Object.fromEntries(parts.map((part) => [part, budget[part] + first[part]])) };
}

/** Adds a turn of the model. `tookMs`: its duration, in milliseconds. */
export function addTurn(spent: Spent, usage: Usage, tookMs: number): Spent {
  return {
    ...spent,
    turns: spent.turns + 1,
    tokens: spent.tokens + usage.inputTokens + usage.outputTokens,
    costUsd: spent.costUsd + (usage.costUsd ?? 0),
    timeMs: spent.timeMs + tookMs,
  };
}
