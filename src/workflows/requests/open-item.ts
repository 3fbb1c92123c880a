import { Trigger } from '@temporalio/workflow';
import type { Decision } from '../../approval/decision.js';
import type { Refusal } from '../../approval/judge.js';
import type { Outcome } from '../../approval/request.js';
import type { Timers } from '../../approval/request-timers.js';
import type { ItemRef } from '../../run/event.js';
import type { DecisionMessage } from '../../run/message.js';
import type { MessageRef } from '../../run/message-ref.js';
import type { RequestItem, RunRequest } from '../../run/request.js';
import type { Notices } from './notices.js';

/** The message in Slack in which an item is decided about. */
export interface ItemMessage {
  readonly showsTimeLeft: boolean;
  /** False on a plan's card, which shows the next state of the run instead. */
  readonly showsOutcome: boolean;
  /** Undefined until it is posted. */
  readonly at: MessageRef | undefined;
  /** The message with the item as it is now. */
  draw(): DecisionMessage;
  /** Brings the message in Slack to the item as it is now. */
  refresh(): void;
}

/** An item of a request that waits for people, or has waited: its data, and what its wait needs. */
export class OpenItem {
  readonly postedAt = Date.now();
  /** Moments of its timers up to this one have been dealt with (milliseconds since the epoch). */
  doneUntil = this.postedAt;
  #resolvePosted = (): void => {};
  /**
   * Decisions are judged once the message is posted, one after the other: Slack may have to be asked about each. It begins as a plain promise: a
   * cancelled run would reject a `Trigger`, and each decision that waits.
   */
  judging: Promise<void> = new Promise((resolve) => {
    this.#resolvePosted = resolve;
  });
  readonly ended = new Trigger<Outcome>();
  /** Resolves when the expiry has moved. */
  moved = new Trigger<'moved'>();
  /** Its time is up: decisions that come now are too late, those that came before are still judged. */
  isExpiring = false;
  /** Refusal of decisions about it, once it takes no more. */
  closedWith: Refusal | undefined;

  constructor(
    readonly request: RunRequest,
    readonly item: RequestItem,
    readonly message: ItemMessage,
    readonly notices: Notices,
  ) {}

  get ref(): ItemRef {
    return { request: this.request.id, item: this.item.id };
  }

  get timers(): Timers {
    const { policy, expiresAt } = this.item;
    const { postedAt, doneUntil } = this;
    const { showsTimeLeft } = this.message;
    return { policy, postedAt, expiresAt: Date.parse(expiresAt), doneUntil, showsTimeLeft };
  }

  /** Whether a decision was given when the time was up, whatever the timers have done by then. */
  isLate({ at }: Decision): boolean {
    return this.isExpiring || Date.parse(at) >= this.timers.expiresAt;
  }

  /** Whether a decision was given when more people could decide, whatever the timers have done by then. */
  isEscalatedFor({ at }: Decision): boolean {
    const { escalate } = this.item.policy;
    return escalate !== undefined && Date.parse(at) >= this.postedAt + escalate.afterMs;
  }

  /** Moves the expiry as far ahead again as it was at first. */
  extend(): void {
    const { item } = this;
    const expiresAt = Math.max(Date.parse(item.expiresAt), Date.now() + item.policy.expiresAfterMs);
    item.expiresAt = new Date(expiresAt).toISOString();
    const { moved } = this;
    this.moved = new Trigger();
    moved.resolve('moved');
  }

  /** Its message is posted: decisions of until then are judged now. */
  setPosted(): void {
    this.#resolvePosted();
  }

  /** Takes no more decisions. */
  close(closedWith: Refusal): void {
    this.closedWith = closedWith;
    this.#resolvePosted();
  }

  /** Takes no more decisions, because it has an outcome. */
  end(outcome: Outcome, closedWith: Refusal): void {
    this.item.outcome = outcome;
    this.close(closedWith);
    this.ended.resolve(outcome);
  }
}
