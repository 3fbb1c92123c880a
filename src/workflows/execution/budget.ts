import type { Budget } from '../../approval/policy.js';
import {
  BUDGET_PARTS,
  DEFAULT_BUDGET,
  findSpentPart,
  grantAgain,
  NOTHING_SPENT,
  type Spent,
  spentOnPlanning,
} from '../../run/execution/budget.js';
import { budgetChoices } from '../../run/request.js';
import type { RunStep } from '../../run/state.js';
import { refreshPolicy } from '../requests/check-approvers.js';
import { policyOfNextRequest, type Run, type RunContext, stopRun } from '../run.js';
import { askOrFail } from './ask-question.js';

/** A budget, and what is spent of it. */
interface Account {
  budget: Budget;
  spent: Spent;
}

/** The budget of a run before its execution, with what the research and the plans have used of it. */
export function budgetOf({ input, resume }: Run): Account {
  return {
    budget: resume.budget ?? firstBudget(input),
    spent: resume.planning ? spentOnPlanning(resume.planning) : NOTHING_SPENT,
  };
}

function firstBudget({ policy }: Run['input']): Budget {
  return { ...DEFAULT_BUDGET, ...policy.budget };
}

/**
 * Asks an approver to grant more of a part of the budget that is spent, or too small for `calls` more calls. The grant changes the account. Throws
 * when the run is to stop.
 */
export async function askWhenSpent(
  context: RunContext,
  account: Account,
  { step, calls, setWaiting }: { step: RunStep; calls?: number; setWaiting?(isWaiting: boolean): void },
): Promise<void> {
  for (;;) {
    const { spent } = account;
    const budget = budgetNow(context.run, account.budget);
    const part = findSpentPart(budget, spent, calls);
    if (!part) return;
    setWaiting?.(true);
    const choices = budgetChoices(account.budget, firstBudget(context.run.input), part);
    const decision = await askOrFail(context, { kind: 'budget', part, budget, spent }, choices, step);
    setWaiting?.(false);
    // The policy file may have been changed while people were asked, and more requests may follow.
    await refreshPolicy(context);
    if (decision?.choice !== 'grant') {
      return await stopRun(context, `The budget is used up (${BUDGET_PARTS[part]})`, decision?.by);
    }
    account.budget = grantAgain(account.budget, firstBudget(context.run.input));
    const granted = budgetNow(context.run, account.budget);
    context.ledger.record('granted', { part, budget: granted, by: decision.by });
  }
}

/** A budget with its grants, less what the policy file of now takes from the run's first budget. */
function budgetNow(run: Run, budget: Budget): Budget {
  const first = firstBudget(run.input);
  const now = { ...DEFAULT_BUDGET, ...policyOfNextRequest(run).budget };
  const parts = Object.keys(first) as (keyof Budget)[];
  return Object.fromEntries(
    parts.map((part) => [part, budget[part] - first[part] + now[part]]),
  ) as unknown as Budget;
}
