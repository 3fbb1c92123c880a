import { workflowInfo } from '@temporalio/workflow';
import { namedUsers } from '../../approval/policy.js';
import type { Card, CardState } from '../../run/card.js';
import type { MessageRef } from '../../run/message-ref.js';
import type { Run } from '../run.js';
import { postCard, updateCard } from '../runtime/activities.js';
import { type Background, bestEffort } from '../runtime/best-effort.js';
import type { LedgerWriter } from '../runtime/ledger-writer.js';

/** At most so many people beside the requester get a card of their own when its channel can't be reached. */
const MAX_COPIES = 10;

type Waiting = Extract<CardState, { kind: 'waiting' }>;

/** The run's card in Slack and its copies: each is brought to the run's state, in order, beside the story. */
export class Cards {
  current: MessageRef | undefined;
  /** The channel of the run, once it could not be reached: cards go to people directly. */
  unreachable: { channel: string; reason: string } | undefined;
  #shown: CardState | undefined;
  #showing: Promise<void> = Promise.resolve();
  /** Messages beside `current` that show the same: sent to people directly, or left in a channel that can't be reached. */
  #copies: MessageRef[] = [];
  /** The last state that was asked for, by message. */
  #wanted = new Map<string, CardState>();
  /** Losses that were dealt with. */
  #lost = new Set<string>();
  /** The people who have got a copy. */
  #copied = new Set<string>();

  constructor(
    readonly run: Run,
    readonly ledger: LedgerWriter,
    readonly background: Background,
  ) {}

  /** The card in a state. */
  draw(state: CardState): Card {
    const { input, planned } = this.run;
    const { runId, goal, requester } = input;
    return { runId, goal, requester, state, ...(planned && { planned }) };
  }

  /** The card's state while the plan waits; undefined when it shows anything else. */
  get waiting(): Waiting | undefined {
    return this.#shown?.kind === 'waiting' ? this.#shown : undefined;
  }

  /**
   * Brings the card and its copies to this state, after updates that are still on their way; for each message, a state that is superseded is
   * skipped.
   *
   * @param failed Called when the card can't be brought to it.
   */
  show(state: CardState, failed: () => void = () => {}): void {
    const asked = this.#messages();
    // With the plan as it is now: when the update's turn comes there may be a newer one.
    const card = this.draw(state);
    this.#shown = state;
    for (const { ts } of asked) this.#wanted.set(ts, state);
    this.#showing = this.#showing.then(async () => {
      const now = this.#shown === state ? this.#messages() : [];
      const refs = [...now, ...asked.filter((ref) => !now.some(({ ts }) => ts === ref.ts))];
      for (const ref of refs) {
        if (this.#shown !== state && this.#wanted.get(ref.ts) !== state) continue;
        const isShown = await this.#update(ref, card);
        if (!isShown && ref.ts === this.current?.ts) failed();
      }
    });
    this.background.track(this.#showing);
  }

  /** Draws the waiting card again: its item has changed, or the time left. */
  refresh(): void {
    const { waiting, run } = this;
    if (!waiting || !run.planItem || run.planItem.item.outcome) return;
    this.show({ ...waiting, item: { ...run.planItem.item }, asOf: new Date().toISOString() });
  }

  /** A new card was posted. */
  setPosted(card: MessageRef, state: Waiting): void {
    this.current = card;
    this.#copies = [];
    this.#copied.clear();
    this.#shown = state;
    this.copyToNamed();
  }

  /** While it waits, a run whose card can't be seen or used gets another one: in the channel, else directly to people. */
  replaceLost(card: MessageRef, reason: string): void {
    const loss = `${card.ts} ${reason}`;
    if (this.#lost.has(loss)) return;
    this.#lost.add(loss);
    this.background.track(this.#replace(card, reason));
  }

  /** Where cards go to people directly, those whom the policy names now get one, too. */
  copyToNamed(): void {
    const { waiting } = this;
    if (waiting?.unreachable) this.background.track(this.#sendCopies(waiting));
  }

  #messages(): MessageRef[] {
    return this.current ? [this.current, ...this.#copies] : [];
  }

  /** False when the message can't be brought to this state; the reconciler tries a last one again later. */
  async #update(ref: MessageRef, card: Card): Promise<boolean> {
    if (await bestEffort(() => updateCard({ ref, card }))) return true;
    const { state, planned } = card;
    const isLast = state.kind !== 'waiting' && state.kind !== 'executing';
    if (isLast) {
      this.ledger.record('unshown', { message: ref, state, ...(planned && { revision: planned.revision }) });
    }
    return false;
  }

  async #replace(lost: MessageRef, reason: string): Promise<void> {
    const { waiting } = this;
    if (!waiting) return;
    const { channel, requester } = this.run.input;
    const isDeleted = reason === 'deleted';
    const state: Waiting = isDeleted ? waiting : { ...waiting, unreachable: { channel, reason } };
    this.#shown = state;
    if (!isDeleted) this.unreachable = { channel, reason };
    const card = await this.#postAgain(isDeleted ? lost.channel : requester.user, state);
    // The next revision may have got its card meanwhile: then that one stays the run's.
    const isSuperseded = this.current !== lost;
    if (card && !isSuperseded) {
      this.current = card;
      this.ledger.record('posted', { message: card, request: waiting.request });
      if (!isDeleted) this.#copies.push(lost);
    } else if (card) {
      this.#copies.push(card);
      this.ledger.record('posted', { message: card, request: waiting.request, copy: true });
    }
    if (!isDeleted && !isSuperseded) await this.#sendCopies(state);
    // A decision or a vote of meanwhile shows on the new messages, too.
    if (this.#shown !== state) this.show(this.#shown);
    else this.refresh();
  }

  /** Sends the card to those whom the policy names one by one, beside the requester, who has it. */
  async #sendCopies(state: Waiting): Promise<void> {
    const { requester } = this.run.input;
    const isNew = (user: string) => user !== requester.user && !this.#copied.has(user);
    for (const user of namedUsers(state.item.policy).filter(isNew).slice(0, MAX_COPIES)) {
      this.#copied.add(user);
      const copy = this.#shown === state ? await this.#postAgain(user, state) : undefined;
      if (!copy) continue;
      this.#copies.push(copy);
      this.ledger.record('posted', { message: copy, request: state.request, copy: true });
      if (this.#shown && this.#shown !== state) this.show(this.#shown);
    }
  }

  async #postAgain(to: string, state: Waiting): Promise<MessageRef | undefined> {
    const { runId, channel, thread } = this.run.input;
    const revision = this.run.planned?.revision ?? 0;
    const key = `${runId}/${workflowInfo().runId}/card/${revision}/${to}/${this.#lost.size}`;
    const under = thread && to === channel ? { thread } : {};
    let ref: MessageRef | undefined;
    await bestEffort(async () => {
      ref = await postCard({ channel: to, key, card: this.draw(state), ...under });
    });
    return ref;
  }
}
