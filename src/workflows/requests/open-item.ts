import { CancellationScope } from '@temporalio/workflow';
import type { Decision } from '../../approval/decision.js';
import type { Refusal } from '../../approval/judge.js';
import { escalated } from '../../approval/policy.js';
import { isVerdict, type Outcome } from '../../approval/request.js';
import type { Timers } from '../../approval/request-timers.js';
import type { ItemRef } from '../../run/event.js';
import type { ToolCall } from '../../run/execution/tools.js';
import type { WaitingItem } from '../../run/input.js';
import type { DecisionMessage, MessageRef } from '../../run/message.js';
import type { RequestItem, RunRequest } from '../../run/request.js';
import type { RunContext } from '../run.js';
import { Notices } from './notices.js';

/** The message in Slack in which an item is decided about. */
export interface ItemMessage {
  /** Undefined until it is posted. */
  readonly at: MessageRef | undefined;
  /** Posts of it that are under way, beside the first one. */
  readonly posting: Promise<unknown>;
  /** True if it, or a copy of it, has this `ts`. */
  isAt(ts: string): boolean;
  /** Posts it, with its event in the ledger. */
  post(ref: ItemRef): Promise<MessageRef>;
  /** The message with the item as it is now. */
  draw(): DecisionMessage;
  /** Brings the message in Slack to the item as it is now. */
  refresh(): void;
  /** People can't see or use the message with this `ts`: if it is this one, another is posted. */
  replaceLost(ref: ItemRef, ts: string, reason: string): void;
  /** Takes the message over that an earlier execution of the run has posted. */
  takeOver(at: MessageRef): void;
}

/** An item of a request that waits for people, or has waited: its data, and the parts that its wait needs. */
export class OpenItem {
  readonly postedAt: number;
  /** Moments of its timers up to this one have been dealt with (milliseconds since the epoch). */
  doneUntil: number;
  #startJudging: () => void = () => {};
  /**
   * Decisions are judged once the message is posted, one after the other: Slack may have to be asked about each. No Trigger, which a cancellation
   * of the run would reject.
   */
  judging = new Promise<unknown>((resolve) => {
    this.#startJudging = () => resolve(undefined);
  });
  /** Decisions that are being judged or wait for that. `repeats`: the person has said the same so many times more meanwhile, as `last`. */
  readonly line: { decision: Decision; repeats: number; last?: Decision }[] = [];
  /** Refusal of decisions about it, once it takes no more. */
  closedWith: Refusal | undefined;
  readonly notices: Notices;
  /** The call as it was edited, of an item that ended with an edit. */
  edited: ToolCall | undefined;
  /** Prepares an edit of a tool call, once the judge has accepted it. Resolves with the reason why it can't be taken. */
  checkEdit: ((decision: Decision) => Promise<string | undefined>) | undefined;
  #isEscalated: boolean;

  /** `carried`: its state when the run continued as new. */
  constructor(
    readonly context: RunContext,
    readonly request: RunRequest,
    readonly item: RequestItem,
    readonly message: ItemMessage,
    readonly carried?: WaitingItem,
  ) {
    const { postedAt = Date.now(), doneUntil = postedAt, isEscalated = false, notices } = carried ?? {};
    this.postedAt = postedAt;
    this.doneUntil = doneUntil;
    this.#isEscalated = isEscalated;
    this.notices = new Notices(context, this.ref, item, message, notices);
  }

  get ref(): ItemRef {
    return { request: this.request.id, item: this.item.id };
  }

  get isPlan(): boolean {
    return this.item.subject.kind === 'plan';
  }

  get timers(): Timers {
    const { item, postedAt, doneUntil } = this;
    const expiresAt = Date.parse(item.expiresAt);
    return { policy: item.policy, postedAt, expiresAt, doneUntil };
  }

  /**
   * Posts its message; decisions of until then are judged now. Throws when it can't be posted, or the run was cancelled meanwhile: then they are
   * refused. A message of an earlier execution is taken over.
   */
  async post(): Promise<void> {
    if (this.carried) {
      this.message.takeOver(this.carried.at);
      return this.#startJudging();
    }
    await this.message.post(this.ref);
    // It may have been decided by the approval of another call meanwhile.
    if (this.item.outcome) this.message.refresh();
    const scope = CancellationScope.current();
    if (scope.consideredCancelled) await scope.cancelRequested;
    if (!this.item.outcome) this.notifyApprovers();
    this.#startJudging();
  }

  /** Its state, for the execution that continues the run; undefined before it is posted. */
  carry(): WaitingItem | undefined {
    const { item, postedAt, doneUntil, notices } = this;
    const { id: request, revision } = this.request;
    const { at } = this.message;
    const isEscalated = this.#isEscalated;
    return at && { request, revision, item, at, postedAt, doneUntil, isEscalated, notices: notices.carry() };
  }

  /** Tells those who may decide that it waits for them. */
  notifyApprovers(): void {
    const { cards } = this.context;
    if (this.isPlan && cards.unreachable) cards.copyToNamed();
    else this.notices.send();
  }

  /** True if a decision was given when the time was up, whatever the timers have done by then. */
  isLate({ at }: Decision): boolean {
    return Date.parse(at) >= Date.parse(this.item.expiresAt);
  }

  /** True if a decision was given when more people could decide, whatever the timers have done by then. A moment in the future counts as now. */
  isEscalatedFor({ at }: Decision): boolean {
    const { escalate } = this.item.policy;
    const givenAt = Math.min(Date.parse(at), Date.now());
    return escalate !== undefined && givenAt >= this.postedAt + escalate.afterMs;
  }

  /** Lets more people decide from now on. */
  escalate(): void {
    if (this.#isEscalated) return;
    this.#isEscalated = true;
    const { item, context } = this;
    const policy = escalated(item.policy);
    item.policy = policy;
    context.run.resume.wasEscalated = true;
    context.ledger.record('escalated', { ...this.ref, mentioned: policy.escalate?.to ?? [], policy });
  }

  /** Takes no more decisions. */
  close(closedWith: Refusal): void {
    this.closedWith = closedWith;
    this.#startJudging();
  }

  /** Takes no more decisions, because it has an outcome; `showOutcome` follows. */
  end(outcome: Outcome): void {
    this.item.outcome = outcome;
    if (isVerdict(outcome)) this.close({ reason: 'already-decided', decision: outcome.decision });
    else this.close({ reason: 'over', state: outcome.kind === 'expired' ? 'expired' : 'cancelled' });
  }

  /** Ends it, unless it takes no more decisions already. */
  endWith(outcome: Outcome): void {
    if (this.closedWith) return;
    this.end(outcome);
    this.showOutcome(outcome);
  }

  /** Puts its outcome on record, and shows it; a plan's card shows the next state of the run instead. */
  showOutcome(outcome: Outcome): void {
    this.context.ledger.record('decided', { ...this.ref, outcome });
    if (this.isPlan) return;
    this.message.refresh();
    this.notices.close();
    this.context.cardWork.refresh();
  }
}
