import type { Decision, PlanStep } from './decision.js';
import { problemOfExtension } from './extension.js';
import { type Person, samePerson } from './person.js';
import { problemOfEdit } from './plan-edit.js';
import {
  type ApprovalPolicy,
  editShutsOut,
  groupsOf,
  isEverybody,
  type Membership,
  mayApprove,
} from './policy.js';
import type { ApprovalItem, Verdict } from './request.js';

export const END_STATES = ['completed', 'rejected', 'expired', 'cancelled', 'failed', 'gone'] as const;

/** Reason for which a decision does not count. */
export type Refusal =
  | { reason: 'not-an-approver' }
  | { reason: 'four-eyes' }
  /** Under four eyes, who edited the plan or asked for its changes can't approve it. */
  | { reason: 'edited' }
  /** Slack could not tell whether the person is an approver. */
  | { reason: 'unsure'; groups: string[] }
  /** The person was an approver at the click, but no longer when the quorum was reached. */
  | { reason: 'no-longer-an-approver' }
  /** Slack knows nobody with this id. */
  | { reason: 'unknown-person' }
  | { reason: 'bad-edit'; problem: string }
  | { reason: 'bad-extension'; problem: string }
  | { reason: 'other-request' }
  /** The button was on a message that isn't the item's. */
  | { reason: 'other-message' }
  /** The item takes no such decision, or has no such choice. */
  | { reason: 'not-offered' }
  | { reason: 'stale-revision'; current: number }
  | { reason: 'wrong-digest' }
  | { reason: 'already-voted' }
  | { reason: 'already-decided'; decision: Decision }
  | { reason: 'over'; state: (typeof END_STATES)[number] };

export type Judgement =
  | { accepted: true; votes: Decision[]; verdict?: Verdict }
  | { accepted: false; refusal: Refusal };

/** An open item, with the facts for judging a decision about it. */
export interface Judged {
  item: ApprovalItem;
  /** Revision of the request's plan. */
  revision: number;
  /** The person who asked for the run. */
  requester: Person;
  /** Steps of the plan before an edit; unset for a tool call. */
  steps?: readonly PlanStep[] | undefined;
}

/**
 * Judges one decision about an open item. One rejection, change, edit or answer ends the item. Approvals of distinct people count up to
 * the policy's number. An extension changes neither.
 */
export function judge(judged: Judged, decision: Decision, membership: Membership = {}): Judgement {
  const refusal = refusalOf(judged, decision, membership);
  if (refusal) return { accepted: false, refusal };
  const { kind } = decision;
  const { votes, policy } = judged.item;
  if (kind === 'extend') return { accepted: true, votes };
  if (kind !== 'approve') return { accepted: true, votes, verdict: { kind, decision, votes } };
  const counted = [...votes, decision];
  if (counted.length < policy.approvals) return { accepted: true, votes: counted };
  return { accepted: true, votes: counted, verdict: { kind, decision, votes: counted } };
}

/** Splits an item's approvals into those that still count and those that lapsed, by the groups' current members. Teams are not checked again. */
export function recount(
  { policy, votes }: Pick<ApprovalItem, 'policy' | 'votes'>,
  requester: Person,
  { groups = {} }: Membership,
): { counting: Decision[]; lapsed: Decision[] } {
  const counts = ({ by }: Decision) => {
    const named = policy.approvers
      .filter((id) => id.endsWith(`/${by.user}`))
      .map((id) => id.split('/')[0] ?? '');
    const teams = [by.team, by.enterprise ?? by.team, policy.team ?? requester.team, ...named];
    return mayApprove(policy, requester, by, { groups, person: { teams } });
  };
  return { counting: votes.filter(counts), lapsed: votes.filter((vote) => !counts(vote)) };
}

/** True if judging this person's decision under the policy requires a question to Slack. */
export function needsMembership(policy: ApprovalPolicy, requester: Person, person: Person): boolean {
  if (groupsOf(policy).length > 0 || policy.approvers.some(isEverybody)) return true;
  const isNamed = policy.approvers.some((id) => id === person.user || id.endsWith(`/${person.user}`));
  return isNamed && !mayApprove(policy, requester, person);
}

/** True if a decision can count only because the policy names the requester. Slack must then know the person, as it must know anybody else. */
export function countsAsRequester(
  { item, requester }: Pick<Judged, 'item' | 'requester'>,
  decision: Decision,
): boolean {
  const { approvers, requesterMayApprove } = item.policy;
  const mayCount =
    samePerson(requester, decision.by) && requesterMayApprove && approvers.includes('requester');
  return mayCount && !isForRequester(item, decision);
}

function refusalOf(
  { item, revision, requester, steps }: Judged,
  decision: Decision,
  membership: Membership,
): Refusal | undefined {
  const { by, kind } = decision;
  const { policy, editors, votes } = item;
  if (decision.revision !== revision) return { reason: 'stale-revision', current: revision };
  const shown = decision.items.find(({ id }) => id === item.id);
  if (shown?.digest !== item.digest) return { reason: 'wrong-digest' };
  if (!isOffered(item, decision)) return { reason: 'not-offered' };
  const isOwn = isOwnDecision({ item, requester }, decision);
  if (!isOwn && !mayApprove(policy, requester, by, membership)) {
    return whyNot(policy, requester, by, membership);
  }
  if (membership.person === 'unknown') return { reason: 'unknown-person' };
  if (membership.person === 'unsure' && !isOwn) return { reason: 'unsure', groups: [] };
  if (kind === 'edit') {
    const problem = steps
      ? problemOfEdit(steps, decision.steps)
      : decision.input
        ? undefined
        : 'it has no arguments';
    return problem === undefined ? undefined : { reason: 'bad-edit', problem };
  }
  if (kind === 'extend') {
    const problem = problemOfExtension(item, decision);
    return problem === undefined ? undefined : { reason: 'bad-extension', problem };
  }
  const decides = kind === 'approve' || (kind === 'answer' && !isOwn);
  if (decides && editShutsOut(policy, editors, by)) return { reason: 'edited' };
  const voted = kind === 'approve' && votes.some((vote) => samePerson(vote.by, by));
  return voted ? { reason: 'already-voted' } : undefined;
}

function isOffered(
  { takes, choices = [], freeText, alone, once }: ApprovalItem,
  { kind, choice, note, items, everyCall }: Decision,
): boolean {
  if (!takes.includes(kind)) return false;
  const isAboutOne = items.length === 1;
  if (kind === 'edit' && !isAboutOne) return false;
  if (everyCall && (alone || once || !isAboutOne)) return false;
  if (alone && kind === 'approve' && !isAboutOne) return false;
  if (kind !== 'answer') return true;
  return choice === undefined
    ? freeText === true && note.trim() !== ''
    : choices.some(({ id }) => id === choice);
}

/** True for a decision that its person may take as the requester, whoever approves. */
export function isOwnDecision(
  { item, requester }: { item: Pick<ApprovalItem, 'choices'>; requester: Person },
  decision: Pick<Decision, 'by' | 'kind' | 'choice'>,
): boolean {
  return samePerson(requester, decision.by) && isForRequester(item, decision);
}

/** True for decisions that the requester may always take: withdraw their request, or have it changed. */
function isForRequester(
  { choices = [] }: Pick<ApprovalItem, 'choices'>,
  { kind, choice }: Pick<Decision, 'kind' | 'choice'>,
): boolean {
  if (kind === 'answer') return choices.some(({ id, forRequester }) => id === choice && forRequester);
  return kind === 'reject' || kind === 'changes';
}

function whyNot(policy: ApprovalPolicy, requester: Person, by: Person, membership: Membership): Refusal {
  if (samePerson(requester, by) && !policy.requesterMayApprove) return { reason: 'four-eyes' };
  if (membership.person === 'unknown') return { reason: 'unknown-person' };
  const groups = groupsOf(policy).filter((group) => membership.groups?.[group] === null);
  const isUnsure = groups.length > 0 || membership.person === 'unsure';
  return isUnsure ? { reason: 'unsure', groups } : { reason: 'not-an-approver' };
}
