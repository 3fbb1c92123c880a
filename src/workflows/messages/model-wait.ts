import { isCancellation, sleep } from '@temporalio/workflow';
import type { WaitMessage } from '../../run/model-wait.js';
import type { RunStep } from '../../run/state.js';
import type { RunContext } from '../run.js';
import { bestEffort } from '../runtime/best-effort.js';
import type { AwaitModel, ModelAway } from '../runtime/interruptions.js';
import { StepFailed, tryStep } from '../try-step.js';
import { MessageInThread } from './message-in-thread.js';

/** A call to the model waits at most so long, all in all, until the model takes it, in milliseconds. */
const LONGEST_MS = 3_600_000;

/** Pauses between two attempts, in milliseconds: the first one, which doubles up to the longest. */
const PAUSE_MS = { first: 2_000, longest: 120_000 };

/** A pause is longer by up to this share, so that runs which wait together don't ask together. */
const SPREAD = 0.2;

/** A shorter wait is not told in the thread, in milliseconds. */
const TOLD_AFTER_MS = 15_000;

/** One call to the model, which waits while the model is overloaded or out of reach. The thread says so; a cancellation of the run ends the wait. */
export class ModelWait {
  /** Duration of the wait so far, in milliseconds. */
  tookMs = 0;
  #since = 0;
  #pauseMs = PAUSE_MS.first;
  #reason = '';
  #state: WaitMessage['state'] = 'waiting';
  #endedAt: string | undefined;
  #message: MessageInThread<WaitMessage> | undefined;
  #posted: Promise<unknown> = Promise.resolve();

  constructor(
    readonly context: RunContext,
    readonly step: RunStep,
  ) {}

  /** Makes the call as a step of the run. @throws StepFailed, or the cancellation of the run */
  async around<T>(call: (awaitModel: AwaitModel) => Promise<T>): Promise<T> {
    try {
      const answer = await tryStep(this.step, () => call((away) => this.#pause(away)));
      this.#end('over');
      return answer;
    } catch (error) {
      this.#end(isCancellation(error) ? 'stopped' : 'over');
      throw error;
    }
  }

  async #pause({ message, retryAfterMs }: ModelAway): Promise<void> {
    const now = Date.now();
    if (this.#since === 0) this.#since = now;
    const pauseMs = Math.max(this.#pauseMs, retryAfterMs) * (1 + SPREAD * Math.random());
    this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MS.longest);
    this.#reason = message;
    const waitedMs = now + pauseMs - this.#since;
    if (waitedMs > LONGEST_MS) this.#giveUp(retryAfterMs);
    if (waitedMs > TOLD_AFTER_MS) this.#tell();
    await sleep(pauseMs);
    this.tookMs = Date.now() - this.#since;
  }

  #giveUp(retryAfterMs: number): never {
    this.#end('given-up');
    const minutes = Math.ceil(retryAfterMs / 60_000);
    const why = retryAfterMs > PAUSE_MS.longest ? `Retry in ${minutes} minutes.` : 'I tried for an hour.';
    const sentence = /[.!?]$/.test(this.#reason) ? this.#reason : `${this.#reason}.`;
    throw new StepFailed({ step: this.step, code: 'Overloaded', message: `${sentence} ${why}` });
  }

  /** Says in the thread that the run waits, once. */
  #tell(): void {
    if (this.#message) return;
    const message = new MessageInThread(this.context, `model-wait/${this.#since}`, () => this.#draw());
    this.#message = message;
    this.#pauseUntil(new Date(this.#since + LONGEST_MS).toISOString());
    this.#posted = bestEffort(() => message.post());
    this.context.background.track(this.#posted);
  }

  #end(state: WaitMessage['state']): void {
    if (this.#state !== 'waiting' || !this.#message) return;
    const { background } = this.context;
    this.#pauseUntil(undefined);
    this.#state = state;
    // The wait ended with its last pause, and not with the answer.
    this.#endedAt = new Date(state === 'over' ? this.#since + this.tookMs : Date.now()).toISOString();
    background.track(this.#posted.then(() => this.#message?.refresh()));
  }

  /** Says on the card, too, that the run waits. */
  #pauseUntil(until: string | undefined): void {
    const { run, cardWork } = this.context;
    if (until === undefined) delete run.pausedUntil;
    else run.pausedUntil = until;
    cardWork.refresh();
  }

  #draw(): WaitMessage {
    const { shortId, goal } = this.context.run.input;
    return {
      kind: 'model-wait',
      ...{ shortId, goal, step: this.step, reason: this.#reason, state: this.#state },
      since: new Date(this.#since).toISOString(),
      until: new Date(this.#since + LONGEST_MS).toISOString(),
      ...(this.#endedAt !== undefined && { endedAt: this.#endedAt }),
    };
  }
}
