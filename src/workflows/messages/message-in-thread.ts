import { isCancellation, workflowInfo } from '@temporalio/workflow';
import type { MessageRef, ThreadMessage } from '../../run/message.js';
import type { RunContext } from '../run.js';
import { postInThread, updateInThread } from '../runtime/activities.js';
import { Sequence } from '../runtime/best-effort.js';

/** A message in the thread of the run's card: posted once, then brought to each state, in order, beside the story. */
export class MessageInThread<T extends ThreadMessage> {
  at: MessageRef | undefined;
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

  /** Posts it. Throws when it can't be posted; `orDirectly`: then it goes to the requester first. */
  async post({ orDirectly = true } = {}): Promise<MessageRef> {
    const { run, cards } = this.context;
    const { shortId, channel, requester } = run.input;
    const key = `${shortId}/${workflowInfo().runId}/${this.name}`;
    const message = this.draw();
    const thread = cards.current ?? { channel, ts: '' };
    try {
      this.at = await postInThread({ thread, key, message });
    } catch (error) {
      if (isCancellation(error) || !orDirectly) throw error;
      const direct = { channel: requester.user, ts: '' };
      this.at = await postInThread({ thread: direct, key: `${key}/direct`, message });
    }
    return this.at;
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
