import { workflowInfo } from '@temporalio/workflow';
import type { AskingCard } from '../activities/types.js';
import { type ApprovalPolicy, groupsOf, namedUsers } from '../approval/policy.js';
import type { MessageRef } from '../run/run.js';
import { notifyApprovers, updateNotices } from './activities.js';
import { type Background, quietly } from './background.js';
import type { LedgerWriter } from './ledger-writer.js';

/** Direct messages to those whom the policy names, while something waits for them. */
export class Notices {
  #sent: MessageRef[] = [];
  #work: Promise<void> = Promise.resolve();
  #rounds = 0;

  /**
   * `about` tells the keys of several requests apart. `isOld`: for runs that began before 0.4, in which people of other teams were not
   * told, and what others had approved meanwhile was not shown. `ask`: the id of the call's request, or of the question.
   */
  constructor(
    readonly runId: string,
    readonly about: string,
    readonly ledger: LedgerWriter,
    readonly background: Background,
    readonly isOld: boolean,
    readonly ask?: string,
  ) {}

  /** Tells those who may decide that it waits for them, and where; those who were told already are left in peace. */
  send(card: AskingCard, at: MessageRef, policy: ApprovalPolicy): void {
    const named = this.isOld
      ? namedUsers(policy).length + groupsOf(policy).length
      : policy.approvers.filter((approver) => approver !== 'anyone' && approver !== 'requester').length;
    if (policy.notify === false || named === 0) return;
    this.#rounds += 1;
    const key = `${this.runId}/${workflowInfo().runId}/${this.about}/${this.#rounds}`;
    this.#then(async () => {
      const sent = await notifyApprovers({ card, at, key, told: this.#sent });
      if (sent.length === 0) return;
      this.#sent = [...this.#sent, ...sent];
      const revision = 'planned' in card ? card.planned?.revision : undefined;
      this.ledger.record('notified', {
        messages: sent,
        ...(revision !== undefined && { revision }),
        ...(this.ask !== undefined && { ask: this.ask }),
      });
      this.ledger.write();
    });
  }

  /** Says in them, while it still waits, who has approved: those messages ask for nothing more. */
  voted(card: AskingCard, at: MessageRef): void {
    if (this.#rounds === 0 || this.isOld) return;
    this.#then(async () => {
      if (this.#sent.length > 0) await updateNotices({ card, at, messages: this.#sent });
    });
  }

  /** Says in them what became of it, once. */
  close(card: AskingCard, at: MessageRef | undefined): void {
    if (this.#rounds === 0) return;
    this.#then(async () => {
      const messages = this.#sent;
      this.#sent = [];
      if (messages.length > 0 && at) await updateNotices({ card, at, messages });
    });
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(() => quietly(work)).then(() => {});
    this.background.track(this.#work);
  }
}
