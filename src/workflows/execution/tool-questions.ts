import { ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import { showHidden } from '../../approval/hidden-text.js';
import { readToolQuestion, type SentQuestion, type ToolAnswer } from '../../run/execution/tool-question.js';
import type { ToolCall } from '../../run/execution/tools.js';
import { answerText, type QuestionSubject } from '../../run/request.js';
import type { RunContext } from '../run.js';
import { askQuestion, reasonNotAsked } from './ask-question.js';
import type { Execution } from './execution.js';

/** Id of the choice that gives the tool no answer. No option has it. */
const DECLINE = 'decline';

/** Questions of a tool to people while one call of it is under way. They end with the call, and with the attempt that asks. */
export class ToolQuestions {
  /** Time in which the call waited for people, in milliseconds. */
  waitedMs = 0;
  readonly #parent = CancellationScope.current();
  #scope = this.#newScope();
  /** The attempt that asked last. */
  #attempt: string | undefined;
  /** Number of questions that are open, and when the first of them was asked. */
  #open = 0;
  #openSince = 0;
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

  ask(question: SentQuestion): Promise<ToolAnswer> {
    // Nobody waits any more for the answers to an earlier attempt.
    if (this.#attempt !== undefined && this.#attempt !== question.attempt) {
      this.#scope.cancel();
      this.#scope = this.#newScope();
    }
    this.#attempt = question.attempt;
    const answer = this.#scope.run(() => this.#ask(question));
    this.#asked.push(answer);
    return answer;
  }

  #newScope(): CancellationScope {
    return new CancellationScope({ parent: this.#parent, cancellable: true });
  }

  async #ask({ text, options, freeText }: SentQuestion): Promise<ToolAnswer> {
    const { context, progress } = this.execution;
    const given = options.map((label, index) => ({ id: String(index), label: showHidden(label) }));
    const choices = [...given, { id: DECLINE, label: 'Give no answer' }];
    const subject: QuestionSubject = {
      kind: 'question',
      text: showHidden(text),
      to: 'requester',
      tool: this.call.name,
      ...(!freeText && { choicesOnly: true }),
    };
    progress.set(this.call, 'asking');
    if (this.#open === 0) this.#openSince = Date.now();
    this.#open += 1;
    // The call goes on beside its question, so the run doesn't continue as new meanwhile.
    context.branches.open += 1;
    try {
      const decision = await askQuestion(context, subject, choices);
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
      this.#open -= 1;
      if (this.#open === 0) {
        this.waitedMs += Date.now() - this.#openSince;
        progress.set(this.call, 'in_progress');
      }
    }
  }
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
