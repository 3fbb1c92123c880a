import { ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import { showHidden } from '../../approval/hidden-text.js';
import { readToolQuestion, type ToolAnswer, type ToolQuestion } from '../../run/execution/tool-question.js';
import type { ToolCall } from '../../run/execution/tools.js';
import { answerText, type QuestionSubject } from '../../run/request.js';
import type { RunContext } from '../run.js';
import { askQuestion, reasonNotAsked } from './ask-question.js';
import { type Execution, ruleOf } from './execution.js';

/** Id of the choice that gives the tool no answer. No option has it. */
const DECLINE = 'decline';
const NO_ANSWER = 'Give no answer';

/** Questions of a tool to people while one call of it is under way. They end with the call. */
export class ToolQuestions {
  /** Time in which the call waited for people, in milliseconds. */
  waitedMs = 0;
  readonly #scope = new CancellationScope();
  /** The newest question. */
  #open: CancellationScope | undefined;
  readonly #asked: Promise<ToolAnswer>[] = [];

  constructor(
    readonly execution: Execution,
    readonly call: ToolCall,
  ) {}

  /** Lets the tool ask while `work` goes on. */
  async during<T>(work: Promise<T>): Promise<T> {
    const { askingCalls } = this.execution.context;
    askingCalls.set(this.call.id, this);
    try {
      return await work;
    } finally {
      askingCalls.delete(this.call.id);
      this.#scope.cancel();
      if (this.#asked.length > 0) await Promise.allSettled(this.#asked);
    }
  }

  /** Puts a question. A call asks one after the other, so nobody waits for an answer to an earlier one any more: it is withdrawn. */
  ask(question: ToolQuestion): Promise<ToolAnswer> {
    this.#open?.cancel();
    const answer = this.#scope.run(() => {
      const open = new CancellationScope();
      this.#open = open;
      return open.run(() => this.#ask(question, open));
    });
    this.#asked.push(answer);
    return answer;
  }

  async #ask({ text, options, freeText }: ToolQuestion, open: CancellationScope): Promise<ToolAnswer> {
    const { context, progress } = this.execution;
    const began = Date.now();
    const given = options.map((label, index) => ({ id: String(index), label: labelOf(label) }));
    const choices = [...given, { id: DECLINE, label: NO_ANSWER }];
    const subject: QuestionSubject = {
      kind: 'question',
      text: showHidden(text),
      // The requester alone must not change what others had to approve.
      to: this.call.edited || ruleOf(this.execution, this.call) === 'ask' ? 'approvers' : 'requester',
      tool: this.call.name,
      ...(!freeText && { choicesOnly: true }),
    };
    progress.set(this.call, 'asking');
    // The call goes on beside its question, so the run doesn't continue as new meanwhile.
    context.branches.open += 1;
    try {
      const decision = await askQuestion(context, subject, choices, { asking: this.call });
      if (!decision) return { kind: 'unanswered' };
      const { choice } = decision;
      if (choice === DECLINE) return { kind: 'declined' };
      const option = choice === undefined ? {} : { option: Number(choice) };
      return { kind: 'answered', ...option, text: answerText(choices, decision) };
    } catch (error) {
      if (!isCancellation(error)) reasonNotAsked(error);
      return { kind: 'unanswered' };
    } finally {
      context.branches.open -= 1;
      this.waitedMs += Date.now() - began;
      // A newer question is shown instead.
      if (this.#open === open) progress.set(this.call, 'in_progress');
    }
  }
}

/** A server's words for an option, as people read them. They never read as our own choice. */
function labelOf(words: string): string {
  const label = showHidden(words);
  return label.trim().toLowerCase() === NO_ANSWER.toLowerCase() ? `“${label.trim()}”` : label;
}

/** Takes a question of a tool, if its call is under way. Throws when it is none. */
export function checkToolQuestion({ askingCalls }: RunContext, payload: unknown): void {
  const question = readToolQuestion(payload);
  if (question && askingCalls.has(question.call)) return;
  throw ApplicationFailure.nonRetryable('No call that is under way asks this.', 'NoCallAsks');
}

/** Puts a question of a tool to people, and waits for the answer. */
export async function receiveToolQuestion(
  { askingCalls }: RunContext,
  payload: unknown,
): Promise<ToolAnswer> {
  const question = readToolQuestion(payload);
  const asking = question && askingCalls.get(question.call);
  return asking ? await asking.ask(question) : { kind: 'unanswered' };
}
