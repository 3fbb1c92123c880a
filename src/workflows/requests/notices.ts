import { workflowInfo } from '@temporalio/workflow';
import type { ApprovalPolicy } from '../../approval/policy.js';
import type { ItemRef } from '../../run/event.js';
import type { DecisionMessage } from '../../run/message.js';
import type { MessageRef } from '../../run/message-ref.js';
import { notifyApprovers, updateNotices } from '../runtime/activities.js';
import { type Background, bestEffort } from '../runtime/best-effort.js';
import type { LedgerWriter } from '../runtime/ledger-writer.js';

/** Direct messages to those whom the policy names, while an item waits for them. */
export class Notices {
  #sent: MessageRef[] = [];
  #work: Promise<void> = Promise.resolve();
  #rounds = 0;

  constructor(
    readonly runId: string,
    readonly ref: ItemRef,
    readonly ledger: LedgerWriter,
    readonly background: Background,
  ) {}

  /** Tells those who may decide that it waits for them, and where; those who have a message get no second one. */
  send(message: DecisionMessage, at: MessageRef, { approvers, notify }: ApprovalPolicy): void {
    const isNamed = approvers.some((approver) => approver !== 'anyone' && approver !== 'requester');
    if (notify === false || !isNamed) return;
    this.#rounds += 1;
    const { request, item } = this.ref;
    const key = `${this.runId}/${workflowInfo().runId}/notice/${request}/${item}/${this.#rounds}`;
    this.#then(async () => {
      const messages = await notifyApprovers({ message, at, key, sent: this.#sent });
      if (messages.length === 0) return;
      this.#sent = [...this.#sent, ...messages];
      this.ledger.record('notified', { ...this.ref, messages });
    });
  }

  /** Brings them up to date: while the item waits, those change whose recipients have approved. */
  update(message: DecisionMessage, at: MessageRef): void {
    this.#update(message, at, () => this.#sent);
  }

  /** Says in them what became of the item, once. */
  close(message: DecisionMessage, at: MessageRef): void {
    this.#update(message, at, () => this.#sent.splice(0));
  }

  #update(message: DecisionMessage, at: MessageRef, noticesNow: () => MessageRef[]): void {
    if (this.#rounds === 0) return;
    this.#then(async () => {
      const notices = [...noticesNow()];
      if (notices.length > 0) await updateNotices({ message, at, notices });
    });
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(() => bestEffort(work)).then(() => {});
    this.background.track(this.#work);
  }
}
