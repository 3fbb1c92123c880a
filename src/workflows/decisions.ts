import { log } from '@temporalio/workflow';
import { type Decision, parseDecision, parsePerson, type Refusal } from '../approval/judge.js';
import { type Person, samePerson } from '../approval/person.js';
import { groupsOf, mayApprove } from '../approval/policy.js';
import type { Receipt } from './approval-gate.js';
import { askSlack } from './ask-slack.js';
import type { Asking, Run } from './run.js';

/** What people decide about a run, as its signals bring it: judged by the gate, put on record, shown, and answered. */
export class Decisions {
  constructor(readonly run: Run) {}

  /** A handler must not throw: it would wedge the run, and a later valid signal couldn't release it. */
  receive(payload: unknown): void {
    const decision = parseDecision(payload);
    if (!decision) {
      this.run.record('refused', { reason: 'malformed' });
      this.#writeSoon();
      log.warn('A humanApprove signal was not a decision and was left aside');
      return;
    }
    const receipt = this.run.gate.receive(decision, this.run.isNew);
    if (receipt instanceof Promise) {
      this.run.background.track(receipt.then((done) => this.#received(decision, done)));
    } else this.#received(decision, receipt);
  }

  #received(decision: Decision, receipt: Receipt): void {
    const asking = this.run.asking.get(decision.request);
    for (const lapsed of receipt.lost) {
      this.run.record('lapsed', { decision: lapsed, ...(asking?.about ?? this.run.planRef()) });
      this.#tellRefused(lapsed, { reason: 'no-longer-an-approver' }, asking);
    }
    if (!receipt.accepted) this.#refuse(decision, receipt.refusal, asking);
    else if (decision.kind === 'approve') {
      const votes = this.run.gate.votesOf(decision.request).length;
      const of = (asking ?? this.run).policy.approvals;
      this.run.record(asking ? 'tool-voted' : 'voted', { decision, votes, of, ...asking?.about });
    } else if (decision.kind === 'extend') this.#extend(decision);
    if (receipt.accepted || receipt.lost.length > 0) (asking ?? this.run).votesChanged();
    // What decides the request is written with the decision.
    if (!receipt.accepted || this.run.gate.isOpen) this.#writeSoon();
  }

  /** Runs that began before 0.3 wrote what was kept at the next step. */
  #writeSoon(): void {
    if (this.run.isNew) this.run.ledger.write();
  }

  /** The request waits as long again from now on as it was to wait at first. */
  #extend(decision: Decision): void {
    const { waiting } = this.run;
    if (!waiting) return;
    const now = Date.now();
    waiting.expiresAt = Math.max(waiting.expiresAt, now + waiting.policy.expiresAfterMs);
    const expiresAt = new Date(waiting.expiresAt).toISOString();
    this.run.record('extended', { decision, expiresAt, ...this.run.planRef() });
    const shown = this.run.cards.waiting;
    if (shown) this.run.cards.show({ ...shown, expiresAt, asOf: new Date(now).toISOString() });
  }

  #refuse(decision: Decision, refusal: Refusal, asking?: Asking): void {
    if (this.run.takesTurns ? this.#wasSaid(decision, refusal) : isRepeated(decision, refusal)) return;
    this.run.record('refused', { decision, refusal });
    this.#tellRefused(decision, refusal, asking);
  }

  /** Slack brought the same click twice: it was taken the first time. */
  #wasSaid(decision: Decision, refusal: Refusal): boolean {
    const decided = refusal.reason === 'already-decided' ? [refusal.decision] : [];
    return [...decided, ...this.run.gate.votesOf(decision.request)].some(
      ({ kind, by, at, slackAt }) =>
        kind === decision.kind &&
        samePerson(by, decision.by) &&
        (slackAt === undefined ? at === decision.at : slackAt === decision.slackAt),
    );
  }

  #tellRefused(decision: Decision, refusal: Refusal, asking?: Asking): void {
    const card = asking?.at ?? this.run.cards.current;
    const { requester } = this.run.input;
    const word = { kind: 'refused' as const, refused: { decision, refusal }, ...(card && { card }) };
    const { editors } = this.run.resume;
    const who = { policy: (asking ?? this.run).policy, requester, ...(editors && { editors }) };
    this.run.tell(decision.by, { ...word, who });
  }

  /** Somebody asks the run to stop. */
  receiveCancel(payload: unknown): void {
    const by = parsePerson((payload as { by?: unknown } | null)?.by);
    if (!by) return;
    const { requester } = this.run.input;
    const groups = groupsOf(this.run.policy);
    if (samePerson(requester, by) || mayApprove(this.run.policy, requester, by)) this.#cancel(by);
    else if (groups.length === 0) this.#refuseCancel(by);
    else {
      const asked = askSlack({ groups, fresh: true }).then((evidence) => {
        if (mayApprove(this.run.policy, requester, by, evidence.groups)) this.#cancel(by);
        else this.#refuseCancel(by);
      });
      this.run.background.track(asked);
    }
  }

  #cancel(by: Person): void {
    this.run.cancelledBy = by;
    this.run.scope.cancel();
  }

  #refuseCancel(by: Person): void {
    const { requester } = this.run.input;
    this.run.record('refused', { by, reason: 'cannot-cancel' });
    this.run.tell(by, { kind: 'cannot-cancel', requester });
  }
}

/** Before 0.4 no second click of the same person was answered. */
function isRepeated(decision: Decision, refusal: Refusal): boolean {
  if (refusal.reason === 'already-voted') return true;
  if (refusal.reason !== 'already-decided') return false;
  return refusal.decision.kind === decision.kind && samePerson(refusal.decision.by, decision.by);
}
