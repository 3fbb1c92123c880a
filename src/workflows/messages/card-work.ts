import { condition, isCancellation } from '@temporalio/workflow';
import type { Shown } from '../../activities/types.js';
import type { ShownCard } from '../../run/card.js';
import type { MessageRef } from '../../run/message.js';
import type { RunContext } from '../run.js';
import { whenIdle } from '../runtime/best-effort.js';
import { isWorking, type WorkingState } from './draw-card.js';

/** Longest wait for the end after an update of the run at work, in milliseconds. */
const END_WITHIN_MS = 600_000;

/**
 * Keeps the card's status true while the run works or waits for people in the thread. Activities that happen anyway show it beside their own work. The
 * card gets an update of its own only where no such activity follows.
 */
export class CardWork {
  #isCarried = false;
  /** The card was to be brought up to date while an activity was showing it. */
  #isDue = false;
  /** Messages in the thread that are going to be updated, and then show the card. */
  #carriers = 0;
  #isOver = false;

  constructor(readonly parts: Pick<RunContext, 'run' | 'cards' | 'background'>) {}

  /** State of a card that shows the run at work; undefined in any other state, and once the end follows. */
  get #state(): WorkingState | undefined {
    const { run, cards } = this.parts;
    const { approved } = run.resume;
    // An execution that continues the run has not shown its card yet.
    const begun =
      run.input.continued && approved ? ({ kind: 'executing', votes: approved.votes } as const) : undefined;
    const state = cards.shown ?? begun;
    return !this.#isOver && isWorking(state) ? state : undefined;
  }

  /** The card as it should be now; undefined where it shows that already, or an end of the run follows. */
  #findDue(): { state: WorkingState; activity: string } | undefined {
    const { cards } = this.parts;
    const state = this.#state;
    if (!cards.current || !state) return undefined;
    const activity = JSON.stringify(cards.draw(state).activity);
    return activity === cards.shownActivity ? undefined : { state, activity };
  }

  /** Lets an activity show the card beside its own work, if the card is to change. */
  async carry<T extends Shown & { message?: MessageRef; isLeftOut?: boolean }>(
    work: (show?: ShownCard) => Promise<T>,
    { isPost = false } = {},
  ): Promise<T> {
    const { cards } = this.parts;
    const due = this.#isCarried ? undefined : this.#findDue();
    const show = due && cards.draft(due.state);
    const asks = show?.card.activity?.asks;
    // The post of the request is under way, and leads the card to it.
    if (!due || !show || (asks && !asks.at && !isPost)) return await work();
    const before = cards.shown;
    this.#isCarried = true;
    let isShown = false;
    let mayBeShown = true;
    try {
      const done = await work(show);
      isShown = done.isShown === true;
      mayBeShown = !done.isLeftOut;
      if (asks && done.message) asks.at ??= done.message;
      return done;
    } catch (error) {
      mayBeShown = !isCancellation(error);
      throw error;
    } finally {
      this.#isCarried = false;
      if (this.#isOver) {
        if (mayBeShown) this.#showEndAgain();
      } else if (cards.shown !== before) {
        if (cards.shown) cards.show(cards.shown);
      } else if (isShown) {
        cards.takeShown(due.state, show.ref);
        cards.shownActivity = JSON.stringify(show.card.activity);
      }
      if (this.#isDue || !isShown) this.refresh();
    }
  }

  /** Brings the card up to date, unless an activity is going to. */
  refresh(): void {
    this.#isDue = true;
    if (this.#isCarried || this.#carriers > 0) return;
    this.parts.background.attempt(async () => {
      // Other parts of the run may have an activity to come, which the same event has caused.
      await whenIdle();
      if (!this.#isDue || this.#isCarried || this.#carriers > 0) return;
      this.#isDue = false;
      const due = this.#findDue();
      if (due) this.parts.cards.show({ ...due.state });
    });
  }

  /** Says that a message is going to be updated, which carries the card. Returns the function that ends this. */
  expectCarrier(): () => void {
    this.#carriers += 1;
    return () => {
      this.#carriers -= 1;
      if (this.#isDue || this.#findDue()) this.refresh();
    };
  }

  /** Shows the end once more, after a card of the run at work that may have come last. The end may come with the result's post, which is under way. */
  #showEndAgain(): void {
    const { cards, background } = this.parts;
    background.attempt(async () => {
      await condition(() => !isWorking(cards.shown), END_WITHIN_MS);
      if (cards.shown && !isWorking(cards.shown)) cards.show(cards.shown);
    });
  }

  /** The end of the execution follows, which has a state of its own on the card. */
  end(): void {
    this.#isOver = true;
  }
}
