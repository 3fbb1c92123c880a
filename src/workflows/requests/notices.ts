import { workflowInfo } from '@temporalio/workflow';
import { isEverybody } from '../../approval/policy.js';
import type { ItemRef } from '../../run/event.js';
import type { WaitingItem } from '../../run/input.js';
import type { MessageRef } from '../../run/message.js';
import type { RequestItem } from '../../run/request.js';
import type { RunContext } from '../run.js';
import { notifyApprovers, updateNotices } from '../runtime/activities.js';
import { Sequence } from '../runtime/best-effort.js';
import type { ItemMessage } from './open-item.js';

/** Direct messages to those whom the policy names, while an item waits for them. */
export class Notices {
  #sent: MessageRef[];
  #rounds: number;
  readonly #sequence: Sequence;

  constructor(
    readonly context: RunContext,
    readonly ref: ItemRef,
    readonly item: RequestItem,
    readonly message: ItemMessage,
    { sent, rounds }: WaitingItem['notices'] = { sent: [], rounds: 0 },
  ) {
    this.#sent = [...sent];
    this.#rounds = rounds;
    this.#sequence = new Sequence(context.background);
  }

  carry(): WaitingItem['notices'] {
    return { sent: [...this.#sent], rounds: this.#rounds };
  }

  /** Tells those who may decide that it waits for them, and where; those who have a message get no second one. */
  send(): void {
    const { at } = this.message;
    const { approvers, notify } = this.item.policy;
    const isNamed = approvers.some((approver) => !isEverybody(approver) && approver !== 'requester');
    if (!at || notify === false || !isNamed) return;
    this.#rounds += 1;
    const { request, item } = this.ref;
    const { ledger, run } = this.context;
    const key = `${run.input.shortId}/${workflowInfo().runId}/notice/${request}/${item}/${this.#rounds}`;
    const message = this.message.draw();
    this.#sequence.add(async () => {
      const messages = await notifyApprovers({ message, at, key, sent: this.#sent });
      if (messages.length === 0) return;
      this.#sent = [...this.#sent, ...messages];
      ledger.record('notified', { ...this.ref, messages });
    });
  }

  /** Brings them up to date: while the item waits, those change whose recipients have approved. */
  update(): void {
    this.#update(() => this.#sent);
  }

  /** Says in them what became of the item, once. */
  close(): void {
    this.#update(() => this.#sent.splice(0));
  }

  #update(listNotices: () => MessageRef[]): void {
    const { at } = this.message;
    if (!at || this.#rounds === 0) return;
    const message = this.message.draw();
    this.#sequence.add(async () => {
      const notices = [...listNotices()];
      if (notices.length > 0) await updateNotices({ message, at, notices });
    });
  }
}
