import { isCancellation, workflowInfo } from '@temporalio/workflow';
import type { ItemRef } from '../../run/event.js';
import type { MessageRef, ThreadMessage } from '../../run/message.js';
import type { RunContext } from '../run.js';
import { postInThread, updateInThread } from '../runtime/activities.js';
import { Sequence } from '../runtime/best-effort.js';

/** A message in the thread of the run's card: posted once, then brought to each state, in order, beside the story. */
export class MessageInThread<T extends ThreadMessage> {
  at: MessageRef | undefined;
  readonly posting = Promise.resolve();
  #latest: T | undefined;
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
  async post(ref?: ItemRef): Promise<MessageRef> {
    const { run, cards, ledger } = this.context;
    const { shortId, requester } = run.input;
    const key = `${shortId}/${workflowInfo().runId}/${this.name}`;
    const message = this.draw();
    const { thread } = cards;
    if (!ref) {
      const posted = await postInThread({ entries: [], thread, key, message });
      cards.takeLanding(thread, posted.message);
      this.at = posted.message;
      return this.at;
    }
    const postRequest = (to: MessageRef, ownKey: string) =>
      ledger.carryPost(ref, (booking) => postInThread({ ...booking, thread: to, key: ownKey, message }));
    try {
      this.at = await postRequest(thread, key);
      cards.takeLanding(thread, this.at);
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.at = await postRequest({ channel: requester.user, ts: '' }, `${key}/direct`);
    }
    return this.at;
  }

  isAt(ts: string): boolean {
    return this.at?.ts === ts;
  }

  takeOver(at: MessageRef): void {
    this.at = at;
  }

  /** Brings it to its state now; a state that is superseded meanwhile is skipped. */
  refresh(): void {
    const { at: ref } = this;
    if (!ref) return;
    const message = this.draw();
    this.#latest = message;
    this.#updates.add(async () => {
      if (this.#latest === message) await updateInThread({ ref, message });
    });
  }
}
