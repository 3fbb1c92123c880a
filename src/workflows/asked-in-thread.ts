import { uuid4, workflowInfo } from '@temporalio/workflow';
import { type ApprovalPolicy, escalated } from '../approval/policy.js';
import { nextDue, type Waiting } from '../approval/request-timers.js';
import type { MessageRef } from '../run/run.js';
import type { QuestionCard, ToolCard } from '../run/thread.js';
import { remindApprovers } from './activities.js';
import { quietly } from './background.js';
import { InThread } from './in-thread.js';
import { Notices } from './notices.js';
import type { Asking, Run } from './run.js';

/** Something that people are asked in the thread: its message, who is told of it, and what it is due for while it waits. */
export abstract class AskedInThread<Card extends ToolCard | QuestionCard, Outcome> implements Asking {
  readonly id = uuid4();
  readonly waiting: Waiting;
  readonly message: InThread;
  /** Its last state, once it has one. */
  ended: Card['state'] | undefined;
  readonly #notices: Notices;

  constructor(readonly run: Run) {
    const { runId } = run.input;
    const policy = run.policyToAskBy;
    const now = Date.now();
    const expiresAt = now + policy.expiresAfterMs;
    this.waiting = { policy, postedAt: now, doneUntil: now, expiresAt, showsTimeLeft: false };
    this.message = new InThread(run, `asked/${this.id}`);
    this.#notices = new Notices(runId, `asked/${this.id}`, run.ledger, run.background, false, this.id);
  }

  abstract readonly what: string;
  abstract readonly about: object;
  /** Its message in a state. */
  abstract card(state: Card['state']): Card;
  /** The state that it waits in, as it is now. */
  abstract waits(): Card['state'];
  /** Waits for what people say, for `waitMs` at most. */
  protected abstract hear(waitMs: number): Promise<Outcome | 'due'>;
  /** Its time is up. */
  protected abstract expire(): Promise<Outcome | 'expired'>;
  /** More people may answer from now on. */
  protected abstract escalate(policy: ApprovalPolicy): void;

  /** Whether the approvers get a direct message about it. */
  protected get tellsApprovers(): boolean {
    return true;
  }

  get policy(): ApprovalPolicy {
    return this.waiting.policy;
  }

  get at(): MessageRef | undefined {
    return this.message.at;
  }

  protected get expiresAt(): string {
    return new Date(this.waiting.expiresAt).toISOString();
  }

  votesChanged(): void {
    const card = this.card(this.waits());
    this.message.update(card);
    if (this.at && this.run.gate.waits(this.id)) this.#notices.voted(card, this.at);
  }

  /** Asks, and waits for the outcome: it reminds and escalates meanwhile. Throws when the run is cancelled, or nobody can be asked. */
  async ask(): Promise<Outcome | 'expired'> {
    this.run.asking.set(this.id, this);
    try {
      const first = this.card(this.waits());
      const at = await this.message.post(first);
      this.run.record('posted', { card: at, copy: true, ask: this.id, message: first });
      this.run.ledger.write();
      // Approvals may have come before Slack's answer did.
      const card = this.card(this.waits());
      if (JSON.stringify(card.state) !== JSON.stringify(first.state)) this.votesChanged();
      if (this.tellsApprovers) this.#notices.send(card, at, this.policy);
      return await this.#outcome();
    } finally {
      this.run.asking.delete(this.id);
    }
  }

  /** The last state: no buttons any more. */
  end(state: Card['state']): void {
    this.ended = state;
    const card = this.card(state);
    this.message.update(card);
    this.#notices.close(card, this.at);
  }

  async #outcome(): Promise<Outcome | 'expired'> {
    const { waiting } = this;
    for (;;) {
      const heard = await this.hear(Math.max(nextDue(waiting, Date.now()).at - Date.now(), 1));
      if (heard !== 'due') return heard;
      const due = nextDue(waiting, Date.now());
      waiting.doneUntil = due.at;
      if (due.what === 'expire') return await this.expire();
      if (due.what === 'escalate') this.#escalate();
      else this.#tellThread('reminder');
    }
  }

  #escalate(): void {
    this.waiting.policy = escalated(this.policy);
    this.run.wasEscalated();
    this.escalate(this.policy);
    const { policy, run } = this;
    run.record('escalated', { mentioned: policy.escalate?.to ?? [], policy, ...this.about });
    run.ledger.write();
    this.votesChanged();
    this.#tellThread('escalation');
    if (this.at) this.#notices.send(this.card(this.waits()), this.at, policy);
  }

  #tellThread(what: 'reminder' | 'escalation'): void {
    const { run, waiting, at } = this;
    const thread = run.cards.current;
    if (!thread || !at) return;
    const { runId } = run.input;
    const key = `${runId}/${workflowInfo().runId}/${what}/${this.id}/${waiting.doneUntil}`;
    const card = this.card(this.waits());
    const work = quietly(async () => {
      const mentioned = await remindApprovers({ what, thread, key, card, at });
      if (what === 'reminder') run.record('reminded', { mentioned, ...this.about });
      run.ledger.write();
    });
    run.background.track(work.then(() => {}));
  }
}
