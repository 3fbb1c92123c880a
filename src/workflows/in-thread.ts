import { isCancellation, workflowInfo } from '@temporalio/workflow';
import type { MessageRef } from '../run/run.js';
import type { ThreadMessage } from '../run/thread.js';
import { postInThread, updateInThread } from './activities.js';
import { quietly } from './background.js';
import type { Run } from './run.js';

/** A message in the thread of the run's card: posted once, then brought to each state, in order, beside the story. */
export class InThread {
  at: MessageRef | undefined;
  #latest: ThreadMessage | undefined;
  #updating: Promise<void> = Promise.resolve();

  /** `name` tells the keys of a run's messages apart. */
  constructor(
    readonly run: Run,
    readonly name: string,
  ) {}

  /** Posts it; what people must see goes to the requester where the thread can't be posted in for good. Throws when it can't be posted. */
  async post(message: ThreadMessage, { mustBeSeen = true } = {}): Promise<MessageRef> {
    const { runId, channel, requester } = this.run.input;
    const key = `${runId}/${workflowInfo().runId}/${this.name}`;
    const thread = this.run.cards.current ?? { channel, ts: '' };
    try {
      this.at = await postInThread({ thread, key, message });
    } catch (error) {
      if (isCancellation(error) || !mustBeSeen) throw error;
      const direct = { channel: requester.user, ts: '' };
      this.at = await postInThread({ thread: direct, key: `${key}/direct`, message });
    }
    return this.at;
  }

  /** Brings it to a state; one that is overtaken meanwhile is left out. */
  update(message: ThreadMessage): void {
    this.#latest = message;
    this.#updating = this.#updating.then(async () => {
      const { at: ref } = this;
      if (!ref || this.#latest !== message) return;
      await quietly(() => updateInThread({ ref, message }));
    });
    this.run.background.track(this.#updating);
  }
}
