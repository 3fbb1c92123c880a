import { type Person, samePerson } from './person.js';
import { type ApprovalPolicy, mayApprove } from './policy.js';

/** What a person can say to a request. */
export type DecisionKind = 'approve' | 'reject' | 'changes';

/** One click or modal submission, as the signal `humanApprove` carries it. */
export interface Decision {
  kind: DecisionKind;
  /** Which request: the id on the button. */
  request: string;
  revision: number;
  /** SHA-256 of the plan that the person saw, in hex. */
  digest: string;
  by: Person;
  /** The approval's note, the reject's reason or the change that is asked for; may be empty. */
  note: string;
  /** When the person acted, ISO 8601. */
  at: string;
}

/** What the gate waits on: one revision of one plan. */
export interface ApprovalRequest {
  id: string;
  revision: number;
  digest: string;
  requester: Person;
  policy: ApprovalPolicy;
}

export type Refusal =
  | { reason: 'not-an-approver' }
  | { reason: 'four-eyes' }
  | { reason: 'other-request' }
  | { reason: 'stale-revision'; current: number }
  | { reason: 'wrong-digest' }
  | { reason: 'already-voted' }
  | { reason: 'already-decided'; decision: Decision }
  | { reason: 'over'; state: 'expired' | 'cancelled' | 'failed' };

export type Verdict = { kind: DecisionKind; decision: Decision; votes: Decision[] };

export type Judgement =
  | { accepted: true; votes: Decision[]; verdict: Verdict | undefined }
  | { accepted: false; refusal: Refusal };

/**
 * Judges one decision against a request and the approvals it has so far.
 * One reject or change ends the request; approvals of distinct people are counted up to the policy's number.
 */
export function judge(request: ApprovalRequest, votes: Decision[], decision: Decision): Judgement {
  const refusal = refuse(request, votes, decision);
  if (refusal) return { accepted: false, refusal };
  if (decision.kind !== 'approve') {
    return { accepted: true, votes, verdict: { kind: decision.kind, decision, votes } };
  }
  const counted = [...votes, decision];
  const enough = counted.length >= request.policy.approvals;
  return {
    accepted: true,
    votes: counted,
    verdict: enough ? { kind: 'approve', decision, votes: counted } : undefined,
  };
}

function refuse(request: ApprovalRequest, votes: Decision[], decision: Decision): Refusal | undefined {
  if (decision.request !== request.id) return { reason: 'other-request' };
  if (decision.revision !== request.revision) {
    return { reason: 'stale-revision', current: request.revision };
  }
  if (decision.digest !== request.digest) return { reason: 'wrong-digest' };
  if (!mayDecide(request, decision)) {
    const requesterAlone = samePerson(request.requester, decision.by) && !request.policy.requesterMayApprove;
    return { reason: requesterAlone ? 'four-eyes' : 'not-an-approver' };
  }
  if (decision.kind === 'approve' && votes.some((vote) => samePerson(vote.by, decision.by))) {
    return { reason: 'already-voted' };
  }
  return undefined;
}

/** Approvers decide; the requester may always ask for changes to, or withdraw, what they asked for. */
function mayDecide(request: ApprovalRequest, decision: Decision): boolean {
  if (mayApprove(request.policy, request.requester, decision.by)) return true;
  return decision.kind !== 'approve' && samePerson(request.requester, decision.by);
}

/** Reads a signal's payload, which anyone with access to the namespace may have sent. Undefined when it is not a decision. */
export function parseDecision(payload: unknown): Decision | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const { kind, request, revision, digest, by, note, at } = payload as Record<string, unknown>;
  if (kind !== 'approve' && kind !== 'reject' && kind !== 'changes') return undefined;
  if (typeof request !== 'string' || typeof revision !== 'number' || typeof digest !== 'string') {
    return undefined;
  }
  const person = parsePerson(by);
  if (!person || typeof at !== 'string') return undefined;
  return { kind, request, revision, digest, by: person, note: typeof note === 'string' ? note : '', at };
}

/** A person out of untrusted data. */
export function parsePerson(value: unknown): Person | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { team, user } = value as Record<string, unknown>;
  if (typeof team !== 'string' || typeof user !== 'string' || user === '') return undefined;
  return { team, user };
}
