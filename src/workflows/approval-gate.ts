import { Trigger } from '@temporalio/workflow';
import {
  type ApprovalRequest,
  type Decision,
  type Evidence,
  judge,
  needsEvidence,
  type Refusal,
  stillCounting,
  type Verdict,
} from '../approval/judge.js';
import type { Person } from '../approval/person.js';
import { type ApprovalPolicy, escalated, groupsOf } from '../approval/policy.js';
import { firstWithin } from './first-within.js';

/** What came of one decision: it counted, or it was refused and why. `lost` are approvals that no longer count. */
export type Receipt =
  | { accepted: true; lost: Decision[] }
  | { accepted: false; refusal: Refusal; lost: Decision[] };

/** Asks Slack about the groups of a policy, and about a person; `fresh` past what is remembered. It never throws. */
export type LookUp = (question: { groups: string[]; person?: Person; fresh: boolean }) => Promise<Evidence>;

/** What a request's time-out comes to. */
export type Expiry = Verdict | 'expired' | 'moved';

/** A request that waits for people, or has waited. */
class AskedRequest {
  votes: Decision[] = [];
  readonly verdict = new Trigger<Verdict>();
  outcome: Verdict | undefined;
  /** Resolves when its deadline has moved. */
  moved = new Trigger<'moved'>();
  /** Decisions whose evidence is being looked up, one after the other. */
  judging: Promise<unknown> = Promise.resolve();
  pending = 0;
  /** It has expired: what comes now is too late, what came before is still judged. */
  expired = false;
  /** What decisions on it are refused with, once it takes no more. */
  closedWith: Refusal | undefined;

  constructor(
    readonly request: ApprovalRequest,
    readonly times: Times | undefined,
  ) {}

  /** Whether a decision came when its time was up, whatever was done about that by then. */
  isLate({ at }: Decision): boolean {
    return this.expired || (this.times !== undefined && Date.parse(at) >= this.times.expiresAt);
  }
}

/** When a request's expiry and escalation are due, as its waiting says (milliseconds since the epoch). */
export interface Times {
  readonly expiresAt: number;
  readonly escalatesAt?: number | undefined;
}

/** Whether a policy asks for more than what Slack was asked. */
function needsMore(policy: ApprovalPolicy, groups: string[], anyone: boolean): boolean {
  const more = groupsOf(policy).some((group) => !groups.includes(group));
  return more || (policy.approvers.includes('anyone') && !anyone);
}

/**
 * Where the run waits for people. Requests may be open side by side; each has its own votes and its own verdict. A decision
 * that is on none of them is refused with what became of the request that it names.
 */
export class ApprovalGate {
  #asked = new Map<string, AskedRequest>();
  #closedLast: Refusal = { reason: 'other-request' };

  constructor(readonly lookUp: LookUp) {}

  /** The approvals so far of the plan that was asked about last. */
  get votes(): Decision[] {
    return [...this.#asked.values()].findLast(({ request }) => !request.takes)?.votes ?? [];
  }

  /** The approvals so far of one request; none of one that there isn't. */
  votesOf(id: string): Decision[] {
    return this.#asked.get(id)?.votes ?? [];
  }

  /** Whether a request waits for people. */
  get isOpen(): boolean {
    return this.#newest !== undefined;
  }

  /** The one that was opened last, of those that are open. */
  get #newest(): AskedRequest | undefined {
    return [...this.#asked.values()].findLast(({ closedWith }) => !closedWith);
  }

  /**
   * Judges a decision: at once, or, when Slack must be asked first, after those that came before it. `asksForAnyone`: also
   * whether there is such a person, where anyone may approve; before 0.3 that wasn't asked.
   */
  receive(decision: Decision, asksForAnyone: boolean): Receipt | Promise<Receipt> {
    const open = this.#asked.get(decision.request);
    if (!open || open.closedWith) return { accepted: false, refusal: this.#refusalFor(decision), lost: [] };
    if (open.isLate(decision)) {
      return { accepted: false, refusal: { reason: 'over', state: 'expired' }, lost: [] };
    }
    // Judged by when it was given: the timer of the escalation may be behind it, after an outage.
    const { escalatesAt } = open.times ?? {};
    if (escalatesAt !== undefined && Date.parse(decision.at) >= escalatesAt) {
      open.request.policy = escalated(open.request.policy);
    }
    const { policy } = open.request;
    const asks = asksForAnyone ? needsEvidence(open.request) : groupsOf(policy).length > 0;
    if (!asks) return this.#judge(open, decision, { groups: {} });
    open.pending += 1;
    const judged = open.judging.then(() => this.#ask(open, decision));
    open.judging = judged.finally(() => {
      open.pending -= 1;
    });
    return judged;
  }

  /** Takes no more decisions on any request; later ones are refused with this. */
  closeAll(refusal: Refusal): void {
    for (const asked of this.#asked.values()) if (!asked.closedWith) this.#close(asked, refusal);
    this.#closedLast = refusal;
  }

  /**
   * Takes decisions on this request from now on, even while its card is still being posted. `times`, as they are at each decision;
   * before 0.4 only the timers counted.
   */
  open(request: ApprovalRequest, times?: Times): void {
    this.#asked.set(request.id, new AskedRequest(request, times));
  }

  /** The policy of an open request has become another one. */
  escalate(id: string, policy: ApprovalPolicy): void {
    this.#get(id).request.policy = policy;
  }

  /** Whether a request still waits for people. */
  waits(id: string): boolean {
    const asked = this.#asked.get(id);
    return asked !== undefined && !asked.closedWith;
  }

  /** Decides an open request by a verdict that holds for it, too. */
  adopt(id: string, verdict: Verdict): void {
    const open = this.#get(id);
    if (!open.closedWith) this.#decide(open, verdict);
  }

  /** Takes no more decisions on this request. */
  close(id: string, refusal: Refusal): void {
    const open = this.#get(id);
    if (!open.closedWith) this.#close(open, refusal);
  }

  /** Waits for a request's verdict, for `waitMs` at most, on one timer. Throws when the run is cancelled. */
  wait(id: string, waitMs: number): Promise<Verdict | 'due' | 'moved'> {
    const { verdict, moved } = this.#get(id);
    return firstWithin<Verdict | 'moved'>(waitMs, [verdict, moved]);
  }

  /** A request's time is up. Decisions that came in time are judged first: one of them may decide it, or extend it. */
  expire(id: string): Expiry | Promise<Expiry> {
    const open = this.#get(id);
    const { moved } = open;
    open.expired = true;
    const end = (): Expiry => {
      if (open.outcome) return open.outcome;
      if (moved !== open.moved) {
        open.expired = false;
        return 'moved';
      }
      this.#close(open, { reason: 'over', state: 'expired' });
      return 'expired';
    };
    return open.pending > 0 ? open.judging.then(end) : end();
  }

  #get(id: string): AskedRequest {
    const asked = this.#asked.get(id);
    if (!asked) throw new Error(`There is no request ${id}`);
    return asked;
  }

  async #ask(open: AskedRequest, decision: Decision): Promise<Receipt> {
    const groups = groupsOf(open.request.policy);
    const anyone = open.request.policy.approvers.includes('anyone');
    const person = anyone ? { person: decision.by } : {};
    const evidence = await this.lookUp({ groups, ...person, fresh: false });
    // It was escalated to more people meanwhile: they must be asked about as well.
    if (open.times && needsMore(open.request.policy, groups, anyone)) return await this.#ask(open, decision);
    const judgement = judge(open.request, open.votes, decision, evidence);
    const releases = judgement.accepted && judgement.verdict?.kind === 'approve';
    if (!releases || groups.length === 0) return this.#judge(open, decision, evidence);
    // The groups are looked up again before the run goes on: all who have approved must still be in them.
    const now = await this.lookUp({ groups, fresh: true });
    const { counting, lost } = stillCounting(open.request, [...open.votes, decision], now.groups);
    const unsure = groups.filter((group) => now.groups[group] === null);
    if (lost.length > 0 && unsure.length > 0) {
      // Nobody's approval is taken back on a guess, and nothing is released on one.
      return { accepted: false, refusal: { reason: 'unsure', groups: unsure }, lost: [] };
    }
    open.votes = counting.filter((vote) => vote !== decision);
    const others = lost.filter((vote) => vote !== decision);
    if (others.length < lost.length) {
      return { accepted: false, refusal: { reason: 'no-longer-an-approver' }, lost: others };
    }
    return { ...this.#judge(open, decision, { ...evidence, groups: now.groups }), lost: others };
  }

  #judge(open: AskedRequest, decision: Decision, evidence: Evidence): Receipt {
    // It may have been decided, or the run cancelled, while Slack was asked.
    if (open.closedWith) return { accepted: false, refusal: this.#refusalFor(decision), lost: [] };
    const judgement = judge(open.request, open.votes, decision, evidence);
    if (!judgement.accepted) return { ...judgement, lost: [] };
    open.votes = judgement.votes;
    if (judgement.verdict) {
      this.#decide(open, judgement.verdict);
    } else if (decision.kind === 'extend') {
      const { moved } = open;
      open.moved = new Trigger();
      moved.resolve('moved');
    }
    return { accepted: true, lost: [] };
  }

  #decide(open: AskedRequest, verdict: Verdict): void {
    open.outcome = verdict;
    this.#close(open, { reason: 'already-decided', decision: verdict.decision });
    open.verdict.resolve(verdict);
  }

  #close(asked: AskedRequest, refusal: Refusal): void {
    asked.closedWith = refusal;
    this.#closedLast = refusal;
  }

  #refusalFor(decision: Decision): Refusal {
    const newest = this.#newest?.request;
    const closed = this.#asked.get(decision.request)?.closedWith;
    if (!newest) return closed && this.#closedLast.reason !== 'over' ? closed : this.#closedLast;
    if (decision.revision < newest.revision) return { reason: 'stale-revision', current: newest.revision };
    return closed ?? { reason: 'other-request' };
  }
}
