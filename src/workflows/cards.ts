import { patched, workflowInfo } from '@temporalio/workflow';
import type { Decision } from '../approval/judge.js';
import { namedUsers } from '../approval/policy.js';
import type { Card, CardState } from '../run/card.js';
import type { MessageRef, PlanRevision, RunInput } from '../run/run.js';
import { postCard, updateCard } from './activities.js';
import { type Background, quietly } from './background.js';
import type { LedgerWriter } from './ledger-writer.js';

/** At most so many people beside the requester get a card of their own when its channel can't be reached. */
const MAX_COPIES = 10;

/** What the cards show. */
export interface Shown {
  readonly input: RunInput;
  /** Whether the run began under 0.4 or later. */
  readonly takesTurns: boolean;
  planned(): PlanRevision | undefined;
  /** The approvals so far. */
  votes(): Decision[];
}

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
  #lost = new Set<string>();
  /** The people who have got a copy. */
  #copied = new Set<string>();

  constructor(
    readonly of: Shown,
    readonly ledger: LedgerWriter,
    readonly background: Background,
  ) {}

  drawn(state: CardState): Card {
    const { runId, goal, requester } = this.of.input;
    const planned = this.of.planned();
    return { runId, goal, requester, state, ...(planned && { planned }) };
  }

  /** What the card shows while the run waits; undefined when it shows anything else. */
  get waiting(): Extract<CardState, { kind: 'waiting' }> | undefined {
    return this.#shown?.kind === 'waiting' ? this.#shown : undefined;
  }

  /**
   * Brings the card and its copies to this state, after updates that are still on their way; for each message, a state that
   * is overtaken is left out. `otherwise` is what to do when the card can't be brought to it.
   */
  show(state: CardState, otherwise: () => void = () => {}): void {
    const asked = this.#messages();
    // The plan as it is now: when the update's turn comes there may be a newer one.
    const drawn = this.drawn(state);
    this.#shown = state;
    for (const { ts } of asked) this.#wanted.set(ts, state);
    this.#showing = this.#showing.then(async () => {
      const now = this.#shown === state ? this.#messages() : [];
      const refs = [...now, ...asked.filter((ref) => !now.some(({ ts }) => ts === ref.ts))];
      for (const ref of refs) {
        if (!this.#isWanted(ref, state)) continue;
        const shown = await this.#bring(ref, drawn);
        if (!shown && ref.ts === this.current?.ts) otherwise();
      }
    });
    this.background.track(this.#showing);
  }

  /** A new card was posted in this state; votes may have come before Slack's answer did. */
  posted(card: MessageRef, state: CardState): void {
    this.current = card;
    this.#copies = [];
    this.#copied.clear();
    this.#shown = state;
    this.votesChanged();
    if (state.kind === 'waiting' && state.unreachable) {
      this.background.track(this.#sendCopies(state).then(() => this.ledger.write()));
    }
  }

  /** Approvals that aren't enough yet show on the card, and those that no longer count are gone from it. */
  votesChanged(): void {
    const shown = this.waiting;
    if (!shown) return;
    const votes = this.of.votes();
    const changed =
      votes.length > shown.votes.length || (votes.length < shown.votes.length && this.#recounts);
    if (changed && votes.length < this.of.input.policy.approvals) this.show({ ...shown, votes });
  }

  /** Before 0.3 an approval that had counted never lapsed. */
  get #recounts(): boolean {
    return this.of.input.edition !== undefined;
  }

  /** While it waits, a run whose card can't be seen or used gets another one: in the channel, else directly to people. */
  lost(card: MessageRef, reason: string): void {
    const once = `${card.ts} ${reason}`;
    if (this.#lost.has(once)) return;
    this.#lost.add(once);
    this.background.track(this.#replace(card, reason));
  }

  /** It was escalated: where the card goes to people directly, those get it, too. */
  copyToMore(): void {
    const { waiting: state } = this;
    if (!state?.unreachable || !this.of.takesTurns) return;
    this.background.track(this.#sendCopies(state).then(() => this.ledger.write()));
  }

  /** Where the run shows itself just now. */
  #messages(): MessageRef[] {
    return this.current ? [this.current, ...this.#copies] : [];
  }

  #isWanted(ref: MessageRef, state: CardState): boolean {
    if (this.#shown === state) return true;
    // Before 0.2 a later state of the next revision's card overtook this one's, which then kept its buttons.
    return this.#wanted.get(ref.ts) === state && patched('each-card');
  }

  /** False when the message can't be brought to this state; the reconciling step tries that again later. */
  async #bring(ref: MessageRef, card: Card): Promise<boolean> {
    if (await quietly(() => updateCard({ ref, card }))) return true;
    // Runs that began before 0.2 left it at that.
    if (!patched('unshown')) return true;
    const { state, planned } = card;
    const last = state.kind !== 'waiting' && state.kind !== 'executing';
    if (last) this.ledger.record('unshown', { card: ref, state, revision: planned?.revision });
    return false;
  }

  async #replace(lost: MessageRef, reason: string): Promise<void> {
    const shown = this.waiting;
    if (!shown) return;
    const { channel, requester } = this.of.input;
    const deleted = reason === 'deleted';
    const state: CardState = deleted ? shown : { ...shown, unreachable: { channel, reason } };
    this.#shown = state;
    if (!deleted) this.unreachable = { channel, reason };
    const card = await this.#postAgain(deleted ? lost.channel : requester.user, state);
    // The next revision may have got its card meanwhile: then that one stays the run's.
    const overtaken = this.current !== lost;
    if (card && !overtaken) {
      this.current = card;
      const { requestId: request, expiresAt } = shown;
      this.ledger.record('posted', { card, request, expiresAt });
      if (!deleted) this.#copies.push(lost);
    } else if (card) {
      this.#copies.push(card);
      this.ledger.record('posted', { card, copy: true });
    }
    if (!deleted && !overtaken) await this.#sendCopies(state);
    this.ledger.write();
    // What was decided meanwhile shows on the new messages, too.
    if (this.#shown !== state) this.show(this.#shown);
    else this.votesChanged();
  }

  /** Sends the card to those whom the policy names one by one, beside the requester, who has it. */
  async #sendCopies(state: CardState): Promise<void> {
    const { requester, policy: own } = this.of.input;
    const policy = state.kind === 'waiting' && this.of.takesTurns ? state.policy : own;
    const named = namedUsers(policy).filter((user) => user !== requester.user && !this.#copied.has(user));
    for (const person of named.slice(0, MAX_COPIES)) {
      if (this.of.takesTurns) this.#copied.add(person);
      const copy = this.#shown === state ? await this.#postAgain(person, state) : undefined;
      if (!copy) continue;
      this.#copies.push(copy);
      this.ledger.record('posted', { card: copy, copy: true });
      if (this.#shown && this.#shown !== state) this.show(this.#shown);
    }
  }

  async #postAgain(to: string, state: CardState): Promise<MessageRef | undefined> {
    const { runId } = this.of.input;
    const revision = this.of.planned()?.revision ?? 0;
    const key = `${runId}/${workflowInfo().runId}/card/${revision}/${to}/${this.#lost.size}`;
    let ref: MessageRef | undefined;
    await quietly(async () => {
      const { channel, thread } = this.of.input;
      ref = await postCard({
        channel: to,
        key,
        card: this.drawn(state),
        ...(thread && to === channel && { thread }),
      });
    });
    return ref;
  }
}
