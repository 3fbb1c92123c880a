import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  log,
  patched,
  rootCause,
  setHandler,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { PrivateWord } from '../activities/types.js';
import { type Decision, parseDecision, parsePerson, type Refusal } from '../core/approval.js';
import type { Card, CardState } from '../core/card.js';
import { type Person, samePerson } from '../core/person.js';
import { mayApprove } from '../core/policy.js';
import type {
  Checkpoint,
  MessageRef,
  PlanRevision,
  ResumePoint,
  RunFailure,
  RunInput,
  RunSnapshot,
  RunState,
  RunStep,
} from '../core/run.js';
import { persistCheckpoint, postCard, tellPerson, updateCard } from './activities.js';
import { ApprovalGate } from './approval-gate.js';
import { cancelRun, cardLost, humanApprove, type LostCard, status } from './messages.js';

/** At most so many people beside the requester get a card of their own when its channel can't be reached. */
const MAX_COPIES = 10;

/** A step that failed for good, in words for people. */
export class StepFailed extends Error {
  constructor(readonly failure: RunFailure) {
    super(failure.message);
  }
}

/** The state of one run, and what goes on beside its story: signals, the ledger, the card's updates, private words. */
export class Run {
  readonly gate = new ApprovalGate();
  readonly scope = new CancellationScope();
  readonly resume: ResumePoint;
  state: RunState = 'searching';
  cancelledBy: Person | undefined;
  planned: PlanRevision | undefined;
  card: MessageRef | undefined;
  expiresAt: string | undefined;
  /** The channel of the run, once it could not be reached: cards go to people directly. */
  unreachable: { channel: string; reason: string } | undefined;
  failure: RunFailure | undefined;
  #decision: Decision | undefined;
  #unwritten: Checkpoint[] = [];
  #entries = 0;
  #writing: Promise<void> = Promise.resolve();
  #shown: CardState | undefined;
  #showing: Promise<void> = Promise.resolve();
  #background = new Set<Promise<void>>();
  /** Messages beside `card` that show the same: sent to people directly, or left in a channel that can't be reached. */
  #copies: MessageRef[] = [];
  /** The last state that was asked for, by message. */
  #wanted = new Map<string, CardState>();
  #lost = new Set<string>();

  constructor(readonly input: RunInput) {
    this.resume = { ...input.resume };
    setHandler(status, () => this.snapshot());
    setHandler(humanApprove, (payload: unknown) => this.#receive(payload));
    setHandler(cancelRun, (payload: unknown) => this.#receiveCancel(payload));
    setHandler(cardLost, (payload: unknown) => this.#receiveLostCard(payload));
  }

  /** Runs one step; what fails for good ends the run with the reason. */
  async step<T>(step: RunStep, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      const cause = error.cause;
      const code = cause instanceof ApplicationFailure ? (cause.type ?? 'Error') : (cause?.name ?? 'Error');
      const message = cause instanceof TimeoutFailure ? 'There was no answer in time.' : cause?.message;
      throw new StepFailed({ step, code, message: message ?? error.message });
    }
  }

  decided(decision: Decision): void {
    this.#decision = decision;
  }

  /** Keeps an entry for the ledger; `write` hands over what was kept. */
  record(kind: Checkpoint['kind'], data: unknown): void {
    this.#entries += 1;
    const key = `${workflowInfo().runId}/${this.#entries}`;
    this.#unwritten.push({ runId: this.input.runId, key, kind, at: new Date().toISOString(), data });
  }

  /** Writes the kept entries, in order, beside what people wait for. */
  write(): void {
    const entries = this.#unwritten;
    if (entries.length === 0) return;
    this.#unwritten = [];
    this.#writing = this.#writing.then(() => quietly(() => persistCheckpoint(entries))).then(() => {});
    this.#track(this.#writing);
  }

  /**
   * Brings the card and its copies to this state, after updates that are still on their way; for each message, a state that
   * is overtaken is left out. `otherwise` is what to do when the card can't be brought to it.
   */
  show(state: CardState, otherwise: () => void = () => {}): void {
    const asked = this.#messages();
    // The plan as it is now: when the update's turn comes there may be a newer one.
    const drawn = this.cardIn(state);
    this.#shown = state;
    for (const { ts } of asked) this.#wanted.set(ts, state);
    this.#showing = this.#showing.then(async () => {
      const now = this.#shown === state ? this.#messages() : [];
      const refs = [...now, ...asked.filter((ref) => !now.some(({ ts }) => ts === ref.ts))];
      for (const ref of refs) {
        if (!this.#isWanted(ref, state)) continue;
        const shown = await this.#bring(ref, drawn);
        if (!shown && ref.ts === this.card?.ts) otherwise();
      }
    });
    this.#track(this.#showing);
  }

  /** Where the run shows itself just now. */
  #messages(): MessageRef[] {
    return this.card ? [this.card, ...this.#copies] : [];
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
    if (last) this.record('unshown', { card: ref, state, revision: planned?.revision });
    return false;
  }

  /** A new card was posted in this state; votes may have come before Slack's answer did. */
  posted(card: MessageRef, state: CardState): void {
    this.card = card;
    this.#copies = [];
    this.#shown = state;
    this.#showVotes();
    if (state.kind === 'waiting' && state.unreachable) {
      this.#track(this.#sendCopies(state).then(() => this.write()));
    }
  }

  /** Says on the card what failed; without a card posts one, and where that can't be done tells the requester. */
  async showFailure(failure: RunFailure, votes: Decision[]): Promise<void> {
    const { runId, requester, channel } = this.input;
    const attempt = workflowInfo().runId;
    const state: CardState = { kind: 'failed', failure, attempt, votes };
    const word: PrivateWord = { kind: 'cannot-post', channel, failure, attempt };
    if (this.card) {
      this.show(state, () => this.tell(requester, word));
      return;
    }
    if (failure.step === 'post') {
      this.tell(requester, word);
      return;
    }
    try {
      this.card = await postCard({ channel, key: `${runId}/${attempt}/failed`, card: this.cardIn(state) });
    } catch (error) {
      log.error('The failure could not be posted', { error: rootCause(error) ?? String(error) });
      this.tell(requester, word);
    }
  }

  cardIn(state: CardState): Card {
    const { runId, goal, requester } = this.input;
    return { runId, goal, requester, state, ...(this.planned && { planned: this.planned }) };
  }

  tell(to: Person, word: PrivateWord): void {
    const { runId, origin } = this.input;
    this.#track(quietly(() => tellPerson({ to, runId, origin, word })).then(() => {}));
  }

  /** Waits for all that goes on beside the story, late signals' answers too. */
  async settle(): Promise<void> {
    this.write();
    while (this.#background.size > 0) {
      await Promise.all(this.#background);
      this.write();
    }
  }

  snapshot(): RunSnapshot {
    const { runId, goal, requester, policy } = this.input;
    return {
      runId,
      goal,
      state: this.state,
      requester,
      policy,
      startedAt: workflowInfo().runStartTime.toISOString(),
      revision: this.planned?.revision ?? 0,
      ...(this.planned && { planTitle: this.planned.plan.title }),
      ...(this.card && { card: this.card }),
      ...(this.state === 'waiting' && this.expiresAt && { expiresAt: this.expiresAt }),
      votes: this.gate.votes,
      ...(this.#decision && { decision: this.#decision }),
      ...(this.failure && { failure: this.failure }),
    };
  }

  /** A handler must not throw: it would wedge the run, and a later valid signal couldn't release it. */
  #receive(payload: unknown): void {
    const decision = parseDecision(payload);
    if (!decision) {
      this.record('refused', { reason: 'malformed' });
      log.warn('A humanApprove signal was not a decision and was left aside');
      return;
    }
    const receipt = this.gate.receive(decision);
    if (receipt.accepted) this.#showVotes();
    else this.#refuse(decision, receipt.refusal);
  }

  /** Approvals that aren't enough yet show on the card. */
  #showVotes(): void {
    const shown = this.#shown;
    if (shown?.kind !== 'waiting') return;
    const { votes } = this.gate;
    if (votes.length > shown.votes.length && votes.length < this.input.policy.approvals) {
      this.show({ ...shown, votes });
    }
  }

  #refuse(decision: Decision, refusal: Refusal): void {
    const repeated =
      refusal.reason === 'already-voted' ||
      (refusal.reason === 'already-decided' &&
        refusal.decision.kind === decision.kind &&
        samePerson(refusal.decision.by, decision.by));
    if (repeated) return;
    this.record('refused', { decision, refusal });
    this.tell(decision.by, {
      kind: 'refused',
      refused: { decision, refusal },
      ...(this.card && { card: this.card }),
    });
  }

  #receiveCancel(payload: unknown): void {
    const by = parsePerson((payload as { by?: unknown } | null)?.by);
    if (!by) return;
    const { requester, policy } = this.input;
    if (samePerson(requester, by) || mayApprove(policy, requester, by)) {
      this.cancelledBy = by;
      this.scope.cancel();
    } else {
      this.tell(by, { kind: 'cannot-cancel', requester });
    }
  }

  /** While it waits, a run whose card can't be seen or used gets another one: in the channel, else directly to people. */
  #receiveLostCard(payload: unknown): void {
    const lost = payload as Partial<LostCard> | null;
    const { card } = this;
    if (this.state !== 'waiting' || !card || lost?.card?.ts !== card.ts || typeof lost.reason !== 'string')
      return;
    const once = `${card.ts} ${lost.reason}`;
    if (this.#lost.has(once)) return;
    this.#lost.add(once);
    this.#track(this.#replaceCard(card, lost.reason));
  }

  async #replaceCard(lost: MessageRef, reason: string): Promise<void> {
    const shown = this.#shown;
    if (shown?.kind !== 'waiting') return;
    const { channel, requester } = this.input;
    const deleted = reason === 'deleted';
    const state: CardState = deleted ? shown : { ...shown, unreachable: { channel, reason } };
    this.#shown = state;
    if (!deleted) this.unreachable = { channel, reason };
    const card = await this.#postAgain(deleted ? lost.channel : requester.user, state);
    // The next revision may have got its card meanwhile: then that one stays the run's.
    const overtaken = this.card !== lost;
    if (card && !overtaken) {
      this.card = card;
      const { requestId: request, expiresAt } = shown;
      this.record('posted', { card, request, expiresAt });
      if (!deleted) this.#copies.push(lost);
    } else if (card) {
      this.#copies.push(card);
      this.record('posted', { card, copy: true });
    }
    if (!deleted && !overtaken) await this.#sendCopies(state);
    this.write();
    // What was decided meanwhile shows on the new messages, too.
    if (this.#shown !== state) this.show(this.#shown);
    else this.#showVotes();
  }

  /** Sends the card to those whom the policy names one by one, beside the requester, who has it. */
  async #sendCopies(state: CardState): Promise<void> {
    const { requester, policy } = this.input;
    const named = policy.approvers.filter((who) => /^[UW]/.test(who) && who !== requester.user);
    for (const person of [...new Set(named)].slice(0, MAX_COPIES)) {
      const copy = this.#shown === state ? await this.#postAgain(person, state) : undefined;
      if (!copy) continue;
      this.#copies.push(copy);
      this.record('posted', { card: copy, copy: true });
      if (this.#shown && this.#shown !== state) this.show(this.#shown);
    }
  }

  async #postAgain(to: string, state: CardState): Promise<MessageRef | undefined> {
    const { runId } = this.input;
    const revision = this.planned?.revision ?? 0;
    const key = `${runId}/${workflowInfo().runId}/card/${revision}/${to}/${this.#lost.size}`;
    let ref: MessageRef | undefined;
    await quietly(async () => {
      ref = await postCard({ channel: to, key, card: this.cardIn(state) });
    });
    return ref;
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#background.delete(tracked));
    this.#background.add(tracked);
  }
}

/** What goes on beside the story doesn't fail it, and a cancelled run still finishes it. False when it could not be done. */
async function quietly(work: () => Promise<void>): Promise<boolean> {
  try {
    await CancellationScope.nonCancellable(work);
    return true;
  } catch (error) {
    log.error('Left undone', { error: rootCause(error) ?? String(error) });
    return false;
  }
}
