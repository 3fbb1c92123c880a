import { ANSWER_WITHIN_MS, ASK_WITHIN_MS } from '../../run/execution/tool-question.js';
import type { AskPeople } from './in-flight.js';

/** Time-out of a call, which stands still while the tool waits for people. */
export class Patience {
  readonly #abort = new AbortController();
  #leftMs: number;
  #startedAt = Date.now();
  #timer: NodeJS.Timeout;
  #pauses = 0;
  #pausedMs = 0;
  #isOver = false;

  constructor(timeoutMs: number) {
    this.#leftMs = timeoutMs;
    this.#timer = this.#start();
  }

  /** Aborts when the time is up. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Stops the clock during each question. After an hour of questions, nobody is asked any more. */
  pausedBy(ask: AskPeople): AskPeople {
    return async (question, signal) => {
      if (this.#pausedMs + ANSWER_WITHIN_MS > ASK_WITHIN_MS) return { kind: 'unanswered' };
      const began = Date.now();
      if (this.#pauses === 0) this.#leftMs -= began - this.#startedAt;
      clearTimeout(this.#timer);
      this.#pauses += 1;
      try {
        return await ask(question, AbortSignal.any([signal, this.signal]));
      } finally {
        this.#pausedMs += Date.now() - began;
        this.#pauses -= 1;
        if (this.#pauses === 0 && !this.#isOver) this.#timer = this.#start();
      }
    };
  }

  /** Stops the clock for good: the call is over. */
  end(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    this.#startedAt = Date.now();
    return setTimeout(() => this.#abort.abort(new Error('timed out')), this.#leftMs);
  }
}
