import type { Budget } from '../approval/policy.js';
import type { Usage } from './plan.js';

/** What has been used up; the same units. */
export type Spent = Budget;

export const NOTHING_SPENT: Spent = { turns: 0, toolCalls: 0, tokens: 0, costUsd: 0, timeMs: 0 };

/** Where the policy names no budget. */
export const DEFAULT_BUDGET: Budget = {
  turns: 50,
  toolCalls: 200,
  tokens: 2_000_000,
  costUsd: 10,
  timeMs: 3_600_000,
};

/** Which part of a budget is spent; undefined while the run may go on. */
export function spentPart(budget: Budget, spent: Spent): keyof Budget | undefined {
  const parts = Object.keys(NOTHING_SPENT) as (keyof Budget)[];
  return parts.find((part) => spent[part] >= budget[part]);
}

/** The budget once an approver has granted as much again of one part. */
export function granted(budget: Budget, first: Budget, part: keyof Budget): Budget {
  return { ...budget, [part]: budget[part] + first[part] };
}

/** Two calls' usage together. A cost that isn't known is left out. */
export function together(one: Usage | undefined, other: Usage): Usage {
  return {
    inputTokens: (one?.inputTokens ?? 0) + other.inputTokens,
    outputTokens: (one?.outputTokens ?? 0) + other.outputTokens,
    costUsd: (one?.costUsd ?? 0) + (other.costUsd ?? 0),
  };
}

/** What has been used up after a turn of the model. */
export function withTurn(spent: Spent, usage: Usage, tookMs: number): Spent {
  const tokens = usage.inputTokens + usage.outputTokens;
  return {
    ...spent,
    turns: spent.turns + 1,
    tokens: spent.tokens + tokens,
    costUsd: spent.costUsd + (usage.costUsd ?? 0),
    timeMs: spent.timeMs + tookMs,
  };
}
