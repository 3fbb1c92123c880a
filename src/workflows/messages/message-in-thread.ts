import { isCancellation, workflowInfo } from '@temporalio/workflow';
import type { RunInput } from '../../run/input.js';
import type { ThreadMessage } from '../../run/message.js';
import type { MessageRef } from '../../run/message-ref.js';
import { postInThread, updateInThread } from '../runtime/activities.js';
import { type Background, bestEffort } from '../runtime/best-effort.js';
import type { Cards } from './cards.js';

/** A message in the thread of the run's card: posted once, then brought to each state, in order, beside the story. */
export class MessageInThread {
  at: MessageRef | undefined;
  #latest: ThreadMessage | undefined;
  #updating: Promise<void> = Promise.resolve();

  /** `name` tells the keys of a run's messages apart. */
  constructor(
    readonly name: string,
    readonly input: RunInput,
    readonly cards: Cards,
    readonly background: Background,
  ) {}

  /** Posts it. Throws when it can't be posted; `orDirectly`: then it goes to the requester first. */
  async post(message: ThreadMessage, { orDirectly }: { orDirectly: boolean }): Promise<MessageRef> {
    const { runId, channel, requester } = this.input;
    const key = `${runId}/${workflowInfo().runId}/${this.name}`;
    const thread = this.cards.current ?? { channel, ts: '' };
    try {
      this.at = await postInThread({ thread, key, message });
    } catch (error) {
      if (isCancellation(error) || !orDirectly) throw error;
      const direct = { channel: requester.user, ts: '' };
      this.at = await postInThread({ thread: direct, key: `${key}/direct`, message });
    }
    return this.at;
  }

  /** Brings it to a state; a state that is superseded meanwhile is skipped. */
  update(message: ThreadMessage): void {
    this.#latest = message;
    this.#updating = this.#updating.then(async () => {
      const { at: ref } = this;
      if (!ref || this.#latest !== message) return;
      await bestEffort(() => updateInThread({ ref, message }));
    });
    this.background.track(this.#updating);
  }
}
