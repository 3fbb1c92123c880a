import { ANSWER_WITHIN_MS, ASK_WITHIN_MS, type ToolAnswer } from '../../run/execution/tool-question.js';
import type { AskPeople } from './in-flight.js';

/** Questions of one call to people, at most. A form of 20 fields has as many if each answer fits in the third try. */
const MAX_QUESTIONS = 60;

/** Time-out of a call, which stands still while the tool waits for people. */
export class Patience {
  readonly #abort = new AbortController();
  #leftMs: number;
  #startedAt = Date.now();
  #timer: NodeJS.Timeout;
  #pausedMs = 0;
  #questions = 0;
  #lastQuestion: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor(timeoutMs: number) {
    this.#leftMs = timeoutMs;
    this.#timer = this.#start();
  }

  /** Aborts when the time is up. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Puts one question after the other, and stops the clock meanwhile. After an hour of questions, or too many, nobody is asked any more. */
  pausedBy(ask: AskPeople): AskPeople {
    return (question, signal) => {
      const answer = this.#lastQuestion.then(() => this.#pauseFor(() => ask(question, signal), signal));
      this.#lastQuestion = answer.catch(() => 'its own caller is told');
      return answer;
    };
  }

  /** Stops the clock for good: the call is over. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #pauseFor(ask: () => Promise<ToolAnswer>, signal: AbortSignal): Promise<ToolAnswer> {
    signal.throwIfAborted();
    this.#questions += 1;
    const isEnough = this.#questions > MAX_QUESTIONS || this.#pausedMs + ANSWER_WITHIN_MS > ASK_WITHIN_MS;
    if (isEnough || this.#isOver) return { kind: 'unanswered' };
    const began = Date.now();
    this.#leftMs -= began - this.#startedAt;
    clearTimeout(this.#timer);
    try {
      return await ask();
    } finally {
      this.#pausedMs += Date.now() - began;
      if (!this.#isOver) this.#timer = this.#start();
    }
  }

  #start(): NodeJS.Timeout {
    this.#startedAt = Date.now();
    return setTimeout(() => this.#abort.abort(new Error('timed out')), this.#leftMs);
  }
}
