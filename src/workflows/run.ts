import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  isCancellation,
  log,
  rootCause,
  setHandler,
  TimeoutFailure,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { PrivateWord } from '../activities/types.js';
import type { Decision, Verdict } from '../approval/judge.js';
import type { Person } from '../approval/person.js';
import { type ApprovalPolicy, escalated } from '../approval/policy.js';
import type { Waiting } from '../approval/request-timers.js';
import type { Card, CardState, Sealed } from '../run/card.js';
import {
  type Checkpoint,
  type MessageRef,
  type PlanRevision,
  type ResumePoint,
  type RunFailure,
  type RunInput,
  type RunOutcome,
  type RunSnapshot,
  type RunState,
  type RunStep,
  TURNS_EDITION,
} from '../run/run.js';
import { SEARCH_ATTRIBUTES } from '../run/search-attributes.js';
import { runIdIn } from '../run/workflow-id.js';
import { postCard, tellPerson } from './activities.js';
import { ApprovalGate, type Times } from './approval-gate.js';
import { askSlack } from './ask-slack.js';
import { Background, quietly } from './background.js';
import { Cards } from './cards.js';
import { Decisions } from './decisions.js';
import { LedgerWriter } from './ledger-writer.js';
import { cancelRun, cardLost, humanAnswer, humanApprove, type LostCard, status } from './messages.js';
import { Notices } from './notices.js';
import { Questions } from './questions.js';

/** A step that failed for good, in words for people. */
export class StepFailed extends Error {
  constructor(readonly failure: RunFailure) {
    super(failure.message);
  }
}

/** A request beside the plan's. What is decided about it shows in a message of its own. */
export interface Asking {
  /** What people are asked, in a few words. */
  readonly what: string;
  /** As it is now: an escalation changes it. */
  readonly policy: ApprovalPolicy;
  /** Where it stands. */
  readonly at: MessageRef | undefined;
  /** What the ledger's entries say of it. */
  readonly about: object;
  /** Its approvals have changed. */
  votesChanged(): void;
}

/** A card's last states: the run's last entry stands in the ledger before they are shown. */
type LastState = Extract<CardState, Sealed>;

/** The state of one run, and what goes on beside its story: signals, the ledger, the card's updates, private words. */
export class Run {
  readonly gate = new ApprovalGate(askSlack);
  readonly scope = new CancellationScope();
  readonly resume: ResumePoint;
  readonly background = new Background();
  readonly ledger: LedgerWriter;
  readonly cards: Cards;
  readonly notices: Notices;
  readonly questions: Questions;
  /** Requests beside the plan's that wait for people, by id. */
  readonly asking = new Map<string, Asking>();
  /** Why it stops, where nobody cancelled it. */
  stoppedWhy: string | undefined;
  cancelledBy: Person | undefined;
  planned: PlanRevision | undefined;
  /** The request that waits for people, as it is now: an escalation or an extension changes it. */
  waiting: (Waiting & { requestId: string }) | undefined;
  failure: RunFailure | undefined;
  #state: RunState = 'searching';
  #decision: Decision | undefined;
  #wasEscalated = false;

  readonly input: RunInput;

  constructor(input: RunInput) {
    // A schedule starts all its runs with the same input; Temporal gives each an id of its own.
    const { workflowId } = workflowInfo();
    this.input = input.schedule === undefined ? input : { ...input, runId: runIdIn(workflowId) };
    this.resume = { ...input.resume };
    this.#decision = input.resume?.approved?.decision;
    this.ledger = new LedgerWriter(this.input.runId, this.background);
    const shown = {
      input: this.input,
      takesTurns: this.takesTurns,
      votes: () => this.gate.votes,
      planned: () => this.planned,
    };
    this.cards = new Cards(shown, this.ledger, this.background);
    this.notices = new Notices(this.input.runId, 'notice', this.ledger, this.background, !this.takesTurns);
    this.questions = new Questions(this, askSlack);
    const decisions = new Decisions(this);
    setHandler(status, () => this.snapshot());
    setHandler(humanApprove, (payload: unknown) => decisions.receive(payload));
    setHandler(humanAnswer, (payload: unknown) => this.questions.receive(payload));
    setHandler(cancelRun, (payload: unknown) => decisions.receiveCancel(payload));
    setHandler(cardLost, (payload: unknown) => this.#receiveLostCard(payload));
  }

  get state(): RunState {
    return this.#state;
  }

  set state(state: RunState) {
    // It was found by `searching`, its first state, until its card waits.
    const told = state !== 'searching' && (state !== 'planning' || this.#state === 'waiting');
    this.#state = state;
    if (!this.input.searchAttributes || !told) return;
    const approvers = this.resume.approved?.votes.map((vote) => vote.by.user);
    upsertSearchAttributes([
      { key: SEARCH_ATTRIBUTES.state, value: state },
      ...(approvers ? [{ key: SEARCH_ATTRIBUTES.approver, value: [...new Set(approvers)] }] : []),
    ]);
  }

  /** Whether the run began under 0.3 or later; an earlier one keeps its order of commands. */
  get isNew(): boolean {
    return this.input.edition !== undefined;
  }

  /** Whether the plan is carried out turn by turn. */
  get takesTurns(): boolean {
    return (this.input.edition ?? 0) >= TURNS_EDITION;
  }

  /** The time, where it decides what was missed in an outage; undefined for runs that began before 0.4. */
  get now(): number | undefined {
    return this.takesTurns ? Date.now() : undefined;
  }

  /** The policy that the next request is asked under: whom an earlier one was escalated to may decide about it as well. */
  get policyToAskBy(): ApprovalPolicy {
    const { policy } = this.input;
    if (!this.takesTurns || !this.#wasEscalated) return policy;
    const { escalate: _, ...more } = escalated(policy);
    return more;
  }

  /** When a waiting request is due, for the gate; undefined for runs that began before 0.4. */
  timesOf(waiting: Waiting): Times | undefined {
    if (!this.takesTurns) return undefined;
    const { policy, postedAt } = waiting;
    const after = policy.escalate?.afterMs;
    return {
      get expiresAt() {
        return waiting.expiresAt;
      },
      escalatesAt: after === undefined ? undefined : postedAt + after,
    };
  }

  /** A request was escalated: what is asked later is asked of more people from the start. */
  wasEscalated(): void {
    this.#wasEscalated = true;
  }

  /** The policy of the request that waits, else the run's own. */
  get policy(): ApprovalPolicy {
    return this.waiting?.policy ?? this.input.policy;
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

  decided({ decision, votes }: Verdict): void {
    this.#decision = decision;
    this.ledger.record('decided', { decision, votes, ...this.planRef() });
  }

  /** Which plan an entry of the ledger is about. */
  planRef(): { revision?: number; digest?: string } {
    const { planned } = this;
    return planned ? { revision: planned.revision, digest: planned.digest } : {};
  }

  record(kind: Checkpoint['kind'], data: unknown): void {
    this.ledger.record(kind, data);
  }

  /** The run is over: its last entry is written, then its card says so, with where the chain ends. */
  async finish(outcome: RunOutcome, state: LastState): Promise<RunOutcome> {
    if (!this.isNew) this.cards.show(state);
    this.record('ended', outcome);
    await CancellationScope.nonCancellable(async () => {
      if (this.isNew) this.cards.show({ ...state, ...(await this.#head()) });
      await this.settle();
    });
    return outcome;
  }

  async #head(): Promise<Sealed> {
    const head = this.isNew ? await this.ledger.seal() : undefined;
    return head ? { head } : {};
  }

  /** Says on the card what failed; without a card posts one, and where that can't be done tells the requester. */
  async showFailure(failure: RunFailure, votes: Decision[]): Promise<void> {
    const { runId, requester, channel } = this.input;
    const attempt = workflowInfo().runId;
    const state: CardState = { kind: 'failed', failure, attempt, votes, ...(await this.#head()) };
    const word: PrivateWord = { kind: 'cannot-post', channel, failure, attempt };
    if (this.cards.current) {
      this.cards.show(state, () => this.tell(requester, word));
      return;
    }
    if (failure.step === 'post') {
      this.tell(requester, word);
      return;
    }
    try {
      const card: Card = this.cards.drawn(state);
      this.cards.current = await postCard({ channel, key: `${runId}/${attempt}/failed`, card });
    } catch (error) {
      log.error('The failure could not be posted', { error: rootCause(error) ?? String(error) });
      this.tell(requester, word);
    }
  }

  /** Tells those whom the policy names that the card waits for them. */
  notify(state: Extract<CardState, { kind: 'waiting' }>): void {
    const { current } = this.cards;
    if (current && !state.unreachable) this.notices.send(this.cards.drawn(state), current, state.policy);
  }

  /** Approvals of the plan have come, or lapsed: the card shows it, and so do those messages. */
  votesChanged(): void {
    this.cards.votesChanged();
    const { waiting, current } = this.cards;
    if (waiting && current && this.gate.isOpen) {
      this.notices.voted(this.cards.drawn({ ...waiting, votes: this.gate.votes }), current);
    }
  }

  /** Says in those messages what became of it. */
  closeNotices(state: CardState): void {
    this.notices.close(this.cards.drawn(state), this.cards.current);
  }

  /** Ends the run, as a cancellation does, with why. Always throws. */
  async stop(why: string, by?: Person): Promise<never> {
    this.stoppedWhy = why;
    if (by) this.cancelledBy = by;
    this.scope.cancel();
    return await this.scope.cancelRequested;
  }

  tell(to: Person, word: PrivateWord): void {
    const { runId, origin } = this.input;
    this.background.track(quietly(() => tellPerson({ to, runId, origin, word })).then(() => {}));
  }

  /** Waits for all that goes on beside the story, late signals' answers too. */
  async settle(): Promise<void> {
    this.ledger.write();
    await this.background.settle(() => this.ledger.write());
  }

  snapshot(): RunSnapshot {
    const { runId, goal, requester } = this.input;
    const { current: card } = this.cards;
    return {
      runId,
      goal,
      state: this.state,
      requester,
      policy: this.policy,
      startedAt: workflowInfo().runStartTime.toISOString(),
      revision: this.planned?.revision ?? 0,
      ...(this.planned && { planTitle: this.planned.plan.title }),
      ...(card && { card }),
      ...(this.state === 'waiting' &&
        this.waiting && { expiresAt: new Date(this.waiting.expiresAt).toISOString() }),
      votes: this.gate.votes,
      ...(this.#decision && { decision: this.#decision }),
      ...(this.failure && { failure: this.failure }),
      ...(this.asking.size > 0 && { asking: [...this.asking.values()].map(({ what }) => what) }),
      ...(this.resume.execution && { spent: this.resume.execution.spent }),
    };
  }

  #receiveLostCard(payload: unknown): void {
    const lost = payload as Partial<LostCard> | null;
    const { current: card } = this.cards;
    if (this.state !== 'waiting' || !card || lost?.card?.ts !== card.ts || typeof lost.reason !== 'string')
      return;
    this.cards.lost(card, lost.reason);
  }
}
