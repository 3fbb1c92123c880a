import type { Plan, PlanStep } from '../run/plan.js';
import { type Person, samePerson } from './person.js';
import { type ApprovalPolicy, editShutsOut, type GroupMembers, groupsOf, mayApprove } from './policy.js';

/** What a person can say to a request. */
export type DecisionKind = 'approve' | 'reject' | 'changes' | 'edit' | 'extend';

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
  /** When we had it from Slack, ISO 8601. */
  at: string;
  /** When Slack says that the person acted, ISO 8601; Slack doesn't say for a modal. */
  slackAt?: string;
  /** An edit's: the steps as they should be. */
  steps?: PlanStep[];
  /** An approval's of a tool call: all calls of this tool in this run, too. */
  all?: boolean;
}

/** What the gate waits on: one revision of one plan, or one tool call. */
export interface ApprovalRequest {
  id: string;
  /** Of the plan; a tool call's is that of the plan that is carried out. */
  revision: number;
  /** Of the plan, or of the tool call. */
  digest: string;
  /** What can be said to it; unset: anything. */
  takes?: DecisionKind[];
  requester: Person;
  policy: ApprovalPolicy;
  /** What an edit starts from. */
  plan?: Plan;
  /** Those who edited this plan by hand; under four eyes they count like the requester. */
  editors?: Person[];
}

/** What Slack said when it was asked about a click. */
export interface Evidence {
  groups: GroupMembers;
  /** Whether there is such a person; only asked where the policy lets anyone approve. */
  person?: 'known' | 'unknown' | 'unsure';
}

export type Refusal =
  | { reason: 'not-an-approver' }
  | { reason: 'four-eyes' }
  /** Who edited a plan under four eyes doesn't approve it. */
  | { reason: 'edited' }
  /** Slack could not say whether they are an approver. */
  | { reason: 'unsure'; groups: string[] }
  /** They were one when they clicked, and no longer when the run was to be released. */
  | { reason: 'no-longer-an-approver' }
  /** Slack knows nobody of that id. */
  | { reason: 'unknown-person' }
  | { reason: 'bad-edit'; what: string }
  | { reason: 'other-request' }
  /** Such a request takes no such decision. */
  | { reason: 'not-offered' }
  | { reason: 'stale-revision'; current: number }
  | { reason: 'wrong-digest' }
  | { reason: 'already-voted' }
  | { reason: 'already-decided'; decision: Decision }
  | { reason: 'over'; state: 'completed' | 'rejected' | 'expired' | 'cancelled' | 'failed' };

export type Verdict = { kind: Exclude<DecisionKind, 'extend'>; decision: Decision; votes: Decision[] };

export type Judgement =
  | { accepted: true; votes: Decision[]; verdict: Verdict | undefined }
  | { accepted: false; refusal: Refusal };

/**
 * Judges one decision against a request and the approvals it has so far.
 * One reject, change or edit ends the request; approvals of distinct people are counted up to the policy's number;
 * an extension changes neither.
 */
export function judge(
  request: ApprovalRequest,
  votes: Decision[],
  decision: Decision,
  evidence: Evidence = { groups: {} },
): Judgement {
  const refusal = refuse(request, votes, decision, evidence);
  if (refusal) return { accepted: false, refusal };
  const { kind } = decision;
  if (kind === 'extend') return { accepted: true, votes, verdict: undefined };
  if (kind !== 'approve') return { accepted: true, votes, verdict: { kind, decision, votes } };
  const counted = [...votes, decision];
  const enough = counted.length >= request.policy.approvals;
  return {
    accepted: true,
    votes: counted,
    verdict: enough ? { kind: 'approve', decision, votes: counted } : undefined,
  };
}

/** The approvals that still count, by what the groups are now. */
export function stillCounting(
  request: ApprovalRequest,
  votes: Decision[],
  groups: GroupMembers,
): { counting: Decision[]; lost: Decision[] } {
  const counts = ({ by }: Decision) => mayApprove(request.policy, request.requester, by, groups);
  return { counting: votes.filter(counts), lost: votes.filter((vote) => !counts(vote)) };
}

/** Whether Slack must be asked before a decision on a request can be judged. */
export function needsEvidence({ policy }: ApprovalRequest): boolean {
  return groupsOf(policy).length > 0 || policy.approvers.includes('anyone');
}

function refuse(
  request: ApprovalRequest,
  votes: Decision[],
  decision: Decision,
  evidence: Evidence,
): Refusal | undefined {
  const { by, kind } = decision;
  if (decision.request !== request.id) return { reason: 'other-request' };
  if (decision.revision !== request.revision) {
    return { reason: 'stale-revision', current: request.revision };
  }
  if (decision.digest !== request.digest) return { reason: 'wrong-digest' };
  if (request.takes && !request.takes.includes(kind)) return { reason: 'not-offered' };
  if (!mayDecide(request, decision, evidence.groups)) return whyNot(request, by, evidence.groups);
  if (evidence.person === 'unknown') return { reason: 'unknown-person' };
  if (evidence.person === 'unsure') return { reason: 'unsure', groups: [] };
  if (kind === 'edit') {
    const edited = request.plan && editedPlan(request.plan, decision.steps);
    return edited && 'wrong' in edited ? { reason: 'bad-edit', what: edited.wrong } : undefined;
  }
  if (kind !== 'approve') return undefined;
  if (editShutsOut(request.policy, request.editors, by)) return { reason: 'edited' };
  return votes.some((vote) => samePerson(vote.by, by)) ? { reason: 'already-voted' } : undefined;
}

function whyNot({ requester, policy }: ApprovalRequest, by: Person, groups: GroupMembers): Refusal {
  if (samePerson(requester, by) && !policy.requesterMayApprove) return { reason: 'four-eyes' };
  const unsure = groupsOf(policy).filter((group) => groups[group] === null);
  return unsure.length > 0 ? { reason: 'unsure', groups: unsure } : { reason: 'not-an-approver' };
}

/** Approvers decide; the requester may always ask for changes to, or withdraw, what they asked for. */
function mayDecide(request: ApprovalRequest, { kind, by }: Decision, groups: GroupMembers): boolean {
  if (mayApprove(request.policy, request.requester, by, groups)) return true;
  return (kind === 'reject' || kind === 'changes') && samePerson(request.requester, by);
}

/** A plan takes at most so many steps from a person's edit; Slack's form takes no more. */
export const EDIT_LIMITS = { steps: 50, title: 300, detail: 3000 } as const;

/** The plan with the steps that a person gave it, or what is wrong with them. */
export function editedPlan(plan: Plan, steps: PlanStep[] = []): { plan: Plan } | { wrong: string } {
  if (steps.length === 0) return { wrong: 'a plan needs at least one step' };
  if (steps.length > EDIT_LIMITS.steps) return { wrong: `a plan has at most ${EDIT_LIMITS.steps} steps` };
  const kept = new Set(plan.steps.map((step) => JSON.stringify([step.title, step.detail])));
  for (const { title, detail } of steps) {
    // A step that was longer before may stay as it is.
    if (kept.has(JSON.stringify([title, detail]))) continue;
    if (title.trim() === '') return { wrong: 'each step needs a title' };
    if (title.length > EDIT_LIMITS.title)
      return { wrong: `a title has at most ${EDIT_LIMITS.title} characters` };
    if (detail.length > EDIT_LIMITS.detail) {
      return { wrong: `a step has at most ${EDIT_LIMITS.detail} characters` };
    }
  }
  const same =
    steps.length === plan.steps.length &&
    steps.every((step, at) => step.title === plan.steps[at]?.title && step.detail === plan.steps[at]?.detail);
  return same ? { wrong: 'nothing was changed' } : { plan: { ...plan, steps } };
}

/** Reads a signal's payload, which anyone with access to the namespace may have sent. Undefined when it is not a decision. */
export function parseDecision(payload: unknown): Decision | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const { kind, request, revision, digest, by, note, at, slackAt, steps, all } = payload as Record<
    string,
    unknown
  >;
  if (!isKind(kind)) return undefined;
  if (!isShort(request) || typeof revision !== 'number' || !isShort(digest)) return undefined;
  const person = parsePerson(by);
  if (!person || !isMoment(at)) return undefined;
  if (typeof note === 'string' && note.length > LONGEST_NOTE) return undefined;
  const edited = kind === 'edit' ? parseSteps(steps) : undefined;
  if (kind === 'edit' && !edited) return undefined;
  return {
    kind,
    request,
    revision,
    digest,
    by: person,
    note: typeof note === 'string' ? note : '',
    at: new Date(at).toISOString(),
    ...(isMoment(slackAt) && { slackAt: new Date(slackAt).toISOString() }),
    ...(edited && { steps: edited }),
    ...(kind === 'approve' && all === true && { all }),
  };
}

const KINDS: readonly unknown[] = ['approve', 'reject', 'changes', 'edit', 'extend'] satisfies DecisionKind[];

function isKind(kind: unknown): kind is DecisionKind {
  return KINDS.includes(kind);
}

/** Slack's fields take 3000 characters; nothing longer comes from a person. */
const LONGEST_NOTE = 10_000;

/** An id, or a digest: nothing longer is one. */
function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 200;
}

function isMoment(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function parseSteps(value: unknown): PlanStep[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const steps: PlanStep[] = [];
  for (const step of value as unknown[]) {
    if (typeof step !== 'object' || step === null) return undefined;
    const { title, detail } = step as Record<string, unknown>;
    if (typeof title !== 'string' || typeof detail !== 'string') return undefined;
    steps.push({ title, detail });
  }
  return steps;
}

/** A person out of untrusted data. */
export function parsePerson(value: unknown): Person | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { team, user } = value as Record<string, unknown>;
  if (!isShort(team) || !isShort(user) || user === '') return undefined;
  return { team, user };
}
