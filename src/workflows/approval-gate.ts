import { CancellationScope, sleep, Trigger } from '@temporalio/workflow';
import { type ApprovalRequest, type Decision, judge, type Refusal, type Verdict } from '../core/approval.js';

/** What came of one decision: it counted, or it was refused and why. */
export type Receipt = { accepted: true } | { accepted: false; refusal: Refusal };

/**
 * Where the run waits for people. Requests open one after the other; a decision that comes when none is open
 * is refused with what became of the last one.
 */
export class ApprovalGate {
  #request: ApprovalRequest | undefined;
  #votes: Decision[] = [];
  #verdict = new Trigger<Verdict>();
  #closedWith: Refusal = { reason: 'other-request' };

  get votes(): Decision[] {
    return this.#votes;
  }

  receive(decision: Decision): Receipt {
    if (!this.#request) return { accepted: false, refusal: this.#closedWith };
    const judgement = judge(this.#request, this.#votes, decision);
    if (!judgement.accepted) return judgement;
    this.#votes = judgement.votes;
    if (judgement.verdict) {
      this.close({ reason: 'already-decided', decision });
      this.#verdict.resolve(judgement.verdict);
    }
    return { accepted: true };
  }

  /** Takes no more decisions; later ones are refused with this. */
  close(refusal: Refusal): void {
    this.#request = undefined;
    this.#closedWith = refusal;
  }

  /** Takes decisions on this request from now on, even while its card is still being posted. */
  open(request: ApprovalRequest): void {
    this.#request = request;
    this.#votes = [];
    this.#verdict = new Trigger();
  }

  /** Waits for the open request's verdict, for `waitMs` at most, on one timer. Throws when the run is cancelled. */
  async verdict(waitMs: number): Promise<Verdict | 'expired'> {
    const timer = new CancellationScope();
    const expiry = timer.run(async (): Promise<'expired'> => {
      await sleep(waitMs);
      return 'expired';
    });
    try {
      const outcome = await Promise.race([this.#verdict, expiry]);
      if (outcome === 'expired') this.close({ reason: 'over', state: 'expired' });
      return outcome;
    } finally {
      timer.cancel();
      expiry.catch(() => 'the timer was cancelled, because a verdict came first');
    }
  }
}
