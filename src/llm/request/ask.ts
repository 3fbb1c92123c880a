import type Anthropic from '@anthropic-ai/sdk';
import { RemoteError } from '../../platform/errors.js';
import { addUsage, type Usage } from '../../run/plan.js';
import { type Answer, converse, type Question } from './converse.js';
import { invalid, readRoom } from './failures.js';
import { AnswerLimit } from './limits.js';
import { refused } from './refusals.js';

/** The largest limit that an answer's is raised to, in tokens. */
export const MAX_OUTPUT_TOKENS = 128_000;

/** The limit of an answer is raised to this many times the first one. */
const RAISE = 4;

export interface Wish {
  /** The answer's name in errors: "the plan". */
  what: string;
  /** Set if a cut answer is of no use. */
  isWhole?: boolean;
  /** Model that is asked when the first one refuses. */
  fallbackModel?: string | undefined;
}

/**
 * Asks a question until there is an answer in words. An answer that reached its limit in its thinking is asked for again with a higher one. An
 * empty one is asked for once more. A refused one is asked for from the fallback model.
 *
 * @throws RemoteError that says what happened; no retry helps then.
 */
export async function ask(
  client: Anthropic,
  question: Question,
  { what, isWhole = false, fallbackModel }: Wish,
  signal?: AbortSignal,
): Promise<Answer & { text: string; notes: string[] }> {
  let { model } = question;
  const limit = new AnswerLimit(client, question.maxTokens, question.maxTokens * RAISE);
  let usage: Usage | undefined;
  let isAgain = false;
  const refusals = new Map<string, string>();
  for (;;) {
    let answer: Answer;
    try {
      answer = await converse(client, { ...question, model, maxTokens: limit.of(model) }, signal);
    } catch (error) {
      if (!limit.lower(model, readRoom(error))) throw error;
      continue;
    }
    usage = addUsage(usage, answer.usage);
    if (answer.refusal !== undefined) {
      refusals.set(model, answer.refusal);
      if (fallbackModel === undefined || refusals.has(fallbackModel))
        throw refused(`write ${what}`, refusals);
      model = fallbackModel;
      continue;
    }
    const text = textOf(answer);
    if (answer.isCut && (text === '' || isWhole)) {
      if (answer.isLimitReached && limit.raise(model)) continue;
      if (text === '') throw thoughtOnly(what, limit.of(model));
      throw invalid(
        `${capital(what)} was longer than the model may write. Make the goal smaller, or split it.`,
      );
    }
    if (text !== '') return { ...answer, text, usage, notes: handOver(refusals, model) };
    if (isAgain) {
      const message = `The model answered nothing for ${what}, twice (it stopped with "${answer.stopReason}"). Try again, or word the goal differently.`;
      throw new RemoteError('EmptyAnswer', message);
    }
    isAgain = true;
  }
}

/** Words for people on models that refused, and on the one that went on. */
export function handOver(refusals: ReadonlyMap<string, string>, next: string): string[] {
  return [...refusals].map(([model, words]) => `${model} ${words}; ${next} went on.`);
}

/** Makes the error of an answer whose limit went into thinking. */
export function thoughtOnly(what: string, maxTokens: number): RemoteError {
  const message = `The model spent all of its ${maxTokens.toLocaleString('en')} tokens for ${what} on thinking, and wrote nothing. Make the goal smaller, or choose another model (ANTHROPIC_MODEL).`;
  return new RemoteError('ThoughtOnly', message);
}

function textOf({ content }: Answer): string {
  return content
    .map((block) => (block.type === 'text' ? block.text : ''))
    .join('')
    .trim();
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
