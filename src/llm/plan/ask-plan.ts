import type Anthropic from '@anthropic-ai/sdk';
import { RemoteError } from '../../platform/errors.js';
import { addUsage, type Plan, type Usage } from '../../run/plan.js';
import { excerpt } from '../content/excerpt.js';
import { PLAN_FORMAT } from './plan-format.js';

/** An answer to the question for a plan, or to what followed it. */
interface Written {
  text: string;
  usage: Usage;
}

/** Limit for the model's words in an error, in characters. */
const WORDS = 300;

/**
 * Asks for a plan. An answer without one is sent back once, with what is wrong with it.
 *
 * @param ask Sends the question, followed by these messages.
 * @throws RemoteError `NoPlan` with the model's words, when the second answer holds no plan either.
 */
export async function askForPlan(
  ask: (more: Anthropic.MessageParam[]) => Promise<Written>,
  read: (text: string) => Plan,
): Promise<{ plan: Plan; usage: Usage }> {
  const first = await ask([]);
  const one = tryToRead(read, first.text);
  if (one.plan) return { plan: one.plan, usage: first.usage };
  const second = await ask([
    { role: 'assistant', content: first.text },
    { role: 'user', content: complaint(one.problem) },
  ]);
  const other = tryToRead(read, second.text);
  if (other.plan) return { plan: other.plan, usage: addUsage(first.usage, second.usage) };
  throw new RemoteError(
    'NoPlan',
    `The model wrote no plan, and none when it was asked again: ${other.problem}. It answered: “${excerpt(second.text, WORDS)}”. Rephrase the goal, or use another model.`,
  );
}

function tryToRead(
  read: (text: string) => Plan,
  text: string,
): { plan: Plan } | { plan?: undefined; problem: string } {
  try {
    return { plan: read(text) };
  } catch (error) {
    if (error instanceof RemoteError && error.code === 'NoPlan') return { problem: error.message };
    throw error;
  }
}

function complaint(problem: string): string {
  return `That answer can't be used as a plan: ${problem}. Answer with the plan alone: one JSON object by this schema, with at least one step.\n${JSON.stringify(PLAN_FORMAT.schema)}\nIf you won't plan this, say why in one sentence.`;
}
