import type { ResumePoint, RunInput } from '../../run/input.js';
import type { MessageRef } from '../../run/message.js';

/**
 * The threads of a run: the one in which it was asked for, and the one for messages about it. Slack posts into the channel where a thread is gone, and
 * says so only by the place of the post. Nothing goes into that thread from then on.
 */
export class CardThread {
  /** Message that Slack posted into the channel, because the thread of the card with the `ts` `of` was gone. */
  #root: { of: string | undefined; message: MessageRef } | undefined;
  /** True once the thread in which the run was asked for is gone. */
  #isGone = false;

  constructor(readonly input: RunInput) {}

  /** State for an execution that goes on with the run and this card. */
  placeOf(card: MessageRef | undefined): Pick<ResumePoint, 'thread' | 'isThreadGone'> {
    const root = this.#root?.of === card?.ts && this.#root;
    return { ...(root && { thread: root.message }), ...(this.#isGone && { isThreadGone: true }) };
  }

  /** Takes the state out of the resume point, which would keep the thread for a later card, too. */
  takeOver(resume: ResumePoint): void {
    const { card, thread, isThreadGone } = resume;
    this.#root = thread && { of: card?.ts, message: thread };
    this.#isGone = isThreadGone === true;
    delete resume.thread;
  }

  /** Message whose thread takes further messages. */
  under(card: MessageRef | undefined): MessageRef {
    if (this.#root && this.#root.of === card?.ts) return this.#root.message;
    const { channel, thread } = this.input;
    return card ?? { channel, ts: (!this.#isGone && thread) || '' };
  }

  /** Thread for a card in a channel, or for a card of a person: then none. */
  forCardIn(to: string): { thread?: string } {
    const { channel, thread } = this.input;
    return thread && to === channel && !this.#isGone ? { thread } : {};
  }

  /** Takes note of where Slack put a card. */
  takeCard({ thread: asked }: { thread?: string }, { thread }: MessageRef): void {
    if (asked !== undefined && thread === undefined) this.#isGone = true;
  }

  /** Takes note of why people can't see or use a card. True if the card was deleted, and its channel takes another one. */
  takeLoss({ thread }: MessageRef, reason: string): boolean {
    if (reason === 'thread_not_found' && thread) this.#isGone = true;
    return reason === 'deleted' || reason === 'thread_not_found';
  }

  /** Takes note of the place of a message that was meant for the thread of `asked`. True if that thread is gone. */
  takeLanding(asked: MessageRef, landed: MessageRef, card: MessageRef | undefined): boolean {
    const root = asked.thread ?? asked.ts;
    if (root === '' || landed.thread === root || asked.ts !== this.under(card).ts) return false;
    this.#root = { of: card?.ts, message: landed };
    return true;
  }
}
