import { workflowInfo } from '@temporalio/workflow';
import type { CardState } from '../core/card.js';
import { groupsOf, namedUsers } from '../core/policy.js';
import type { MessageRef } from '../core/run.js';
import { notifyApprovers, updateNotices } from './activities.js';
import { type Background, quietly } from './background.js';
import type { Cards } from './cards.js';
import type { LedgerWriter } from './ledger-writer.js';

/** Direct messages to those whom the policy names, while something waits for them. */
export class Notices {
  #sent: MessageRef[] = [];
  #work: Promise<void> = Promise.resolve();
  #rounds = 0;

  constructor(
    readonly cards: Cards,
    readonly ledger: LedgerWriter,
    readonly background: Background,
  ) {}

  /** Tells those who may decide that the card waits for them; those who were told already are left in peace. */
  send(state: Extract<CardState, { kind: 'waiting' }>): void {
    const { policy } = state;
    const { current } = this.cards;
    const named = namedUsers(policy).length + groupsOf(policy).length;
    if (policy.notify === false || named === 0 || !current || state.unreachable) return;
    const card = this.cards.drawn(state);
    this.#rounds += 1;
    const key = `${card.runId}/${workflowInfo().runId}/notice/${this.#rounds}`;
    this.#then(async () => {
      const sent = await notifyApprovers({ card, at: current, key, told: this.#sent });
      if (sent.length === 0) return;
      this.#sent = [...this.#sent, ...sent];
      this.ledger.record('notified', { messages: sent, revision: card.planned?.revision });
      this.ledger.write();
    });
  }

  /** Says in them what became of it, once. */
  close(state: CardState): void {
    if (this.#rounds === 0) return;
    const card = this.cards.drawn(state);
    const { current } = this.cards;
    this.#then(async () => {
      const messages = this.#sent;
      this.#sent = [];
      if (messages.length > 0 && current) await updateNotices({ card, at: current, messages });
    });
  }

  #then(work: () => Promise<void>): void {
    this.#work = this.#work.then(() => quietly(work)).then(() => {});
    this.background.track(this.#work);
  }
}
