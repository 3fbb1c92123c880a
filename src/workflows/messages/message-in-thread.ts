import { isCancellation, workflowInfo } from '@temporalio/workflow';
import type { PostedItems } from '../../run/event.js';
import type { MessageRef, ThreadMessage } from '../../run/message.js';
import type { RunContext } from '../run.js';
import { postInThread, updateInThread } from '../runtime/activities.js';
import { bestEffort, Sequence } from '../runtime/best-effort.js';

/** A message in the thread of the run's card: posted once, then brought to each state, in order, beside the story. */
export class MessageInThread<T extends ThreadMessage> {
  at: MessageRef | undefined;
  posting: Promise<unknown> = Promise.resolve();
  #latest: T | undefined;
  /** Earlier ones, in channels that are out of reach: they show the same once they can be reached again. */
  readonly #left: MessageRef[] = [];
  readonly #updates: Sequence;

  /** `name` tells the keys of a run's messages apart. */
  constructor(
    readonly context: RunContext,
    readonly name: string,
    readonly draw: () => T,
  ) {
    this.#updates = new Sequence(context.background);
  }

  /** Posts it: a request in the thread or, where that can't be done, to the requester. Anything else is posted in the thread only. Throws when it can't be posted. */
  async post(ref?: PostedItems): Promise<MessageRef> {
    const { run, cards, cardWork, ledger } = this.context;
    const { shortId, requester } = run.input;
    const key = `${shortId}/${workflowInfo().runId}/${this.name}`;
    const message = this.draw();
    const { thread } = cards;
    if (!ref) {
      const posted = await cardWork.carry((show) =>
        postInThread({ entries: [], thread, key, message, ...(show && { show }) }),
      );
      cards.takeLanding(thread, posted.message);
      this.at = posted.message;
      return this.at;
    }
    const postRequest = (to: MessageRef, ownKey: string) =>
      ledger.carryPost(ref, (booking) =>
        cardWork.carry(
          (show) => postInThread({ ...booking, thread: to, key: ownKey, message, ...(show && { show }) }),
          { isPost: true },
        ),
      );
    try {
      this.at = await postRequest(thread, key);
      cards.takeLanding(thread, this.at);
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.at = await postRequest({ channel: requester.user, ts: '' }, `${key}/direct`);
    }
    cardWork.refresh();
    return this.at;
  }

  /** Posts another one in the place of one that was deleted or, where its channel is out of reach, to the requester. */
  replaceLost(ref: PostedItems, ts: string, reason: string): void {
    const { at: lost } = this;
    if (lost?.ts !== ts) return;
    const { run, cards, cardWork, ledger, background } = this.context;
    const isDeleted = reason === 'deleted' || reason === 'thread_not_found';
    const thread = isDeleted
      ? { channel: lost.channel, ts: (reason === 'deleted' && lost.thread) || '' }
      : { channel: run.input.requester.user, ts: '' };
    const key = `${run.input.shortId}/${workflowInfo().runId}/${this.name}/again/${ts}/${reason}`;
    const repost = async () => {
      const message = this.draw();
      const posted = await postInThread({ entries: [], thread, key, message });
      this.at = posted.message;
      if (!isDeleted) this.#left.push(lost);
      if (isDeleted && lost.thread) cards.takeLanding(cards.thread, this.at);
      ledger.record('posted', { message: this.at, ...ref });
      cardWork.refresh();
      // A vote or the end of the item may have come meanwhile.
      if (JSON.stringify(this.draw()) !== JSON.stringify(message)) this.refresh();
    };
    const reposting = this.posting.then(() => this.at === lost && bestEffort(repost));
    this.posting = reposting;
    background.track(reposting);
  }

  isAt(ts: string): boolean {
    return [this.at, ...this.#left].some((message) => message?.ts === ts);
  }

  takeOver(at: MessageRef): void {
    this.at = at;
  }

  /** Brings it to its state now; a state that is superseded meanwhile is skipped. */
  refresh(): void {
    if (!this.at) return;
    const refs = [this.at, ...this.#left];
    const message = this.draw();
    this.#latest = message;
    for (const ref of refs) {
      this.#updates.add(async () => {
        if (this.#latest === message) await updateInThread({ ref, message });
      });
    }
  }
}
