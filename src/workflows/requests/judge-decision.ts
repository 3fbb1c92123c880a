import type { Decision } from '../../approval/decision.js';
import {
  countsAsRequester,
  type Judgement,
  judge,
  needsMembership,
  type Refusal,
  recount,
} from '../../approval/judge.js';
import type { Person } from '../../approval/person.js';
import {
  type ApprovalPolicy,
  groupsOf,
  isEverybody,
  isHomeMember,
  type Membership,
} from '../../approval/policy.js';
import type { RunContext } from '../run.js';
import { lookUpMembership } from '../runtime/activities.js';
import { bestEffort } from '../runtime/best-effort.js';
import type { OpenItem } from './open-item.js';

/** Result of judging a decision about one item: without a refusal it counted. `lapsed` are approvals that no longer count. */
export interface Receipt {
  refusal?: Refusal;
  lapsed: Decision[];
}

/**
 * Judges a decision about an open item, and applies it: the item's votes, its expiry or its outcome change. Slack is asked first where the
 * policy's groups, or the clicker's team, must be looked up. `isKnown`: Slack's answer to the listener about the clicker. Never throws.
 */
export async function judgeDecision(
  context: RunContext,
  open: OpenItem,
  decision: Decision,
  isKnown?: boolean,
): Promise<Receipt> {
  const { planned, input } = context.run;
  const { requester } = input;
  const { item, request } = open;
  if (open.closedWith) return refuse(open.closedWith);
  if (open.isLate(decision)) return refuse({ reason: 'over', state: 'expired' });
  if (open.isEscalatedFor(decision)) open.escalate();
  const { policy } = item;
  const { user } = decision.by;
  const isLast = decision.kind === 'approve' && item.votes.length + 1 >= policy.approvals;
  // The cache doesn't count where the run would go on: an answer ends its question, and the last approval releases what it is about.
  const how = { fresh: decision.kind === 'answer', ...(isLast && { releasing: user }) };
  const asRequester = countsAsRequester({ item, requester }, decision);
  const isAnswered = asRequester && isKnown !== undefined && !needsMembership(policy, requester, decision.by);
  const membership: Membership = isAnswered
    ? { ...(!isKnown && { person: 'unknown' }) }
    : await lookUpPerson(policy, requester, decision.by, how, { asRequester });
  // It was escalated meanwhile: more groups must be asked about.
  if (item.policy !== policy) return await judgeDecision(context, open, decision, isKnown);
  const facts = {
    item,
    revision: request.revision,
    requester,
    steps: open.isPlan ? (planned?.plan.steps ?? []) : undefined,
  };
  const judgement = judge(facts, decision, membership);
  const problem = judgement.accepted && decision.kind === 'edit' && (await open.checkEdit?.(decision));
  if (problem) return refuse({ reason: 'bad-edit', problem });
  const releases = judgement.accepted && judgement.verdict?.kind === 'approve';
  const groups = groupsOf(policy);
  if (!releases || groups.length === 0) return apply(open, decision, judgement);

  // Before the run goes on, all who have approved must still be in their groups.
  const isFresh = isLast && groups.some((group) => membership.groups?.[group]?.includes(user));
  const now = isFresh ? membership : await lookUp({ groups, fresh: true });
  if (open.closedWith) return refuse(open.closedWith);
  const votes = [...item.votes, decision];
  const { counting, lapsed } = recount({ policy: item.policy, votes }, requester, now);
  const unsure = groups.filter((group) => now.groups?.[group] === null);
  // Nobody's approval is taken back on a guess, and nothing is released on one.
  if (lapsed.length > 0 && unsure.length > 0) return refuse({ reason: 'unsure', groups: unsure });
  item.votes = counting.filter((vote) => vote !== decision);
  const others = lapsed.filter((vote) => vote !== decision);
  if (lapsed.includes(decision)) return refuse({ reason: 'no-longer-an-approver' }, others);
  return apply(open, decision, judge(facts, decision, { ...membership, ...now }), others);
}

/** Asks Slack about the groups of a policy, and about a person's teams, as far as their decision depends on these. */
export async function lookUpPerson(
  policy: ApprovalPolicy,
  requester: Person,
  person: Person,
  how: { fresh: boolean; releasing?: string },
  { asRequester = false } = {},
): Promise<Membership> {
  if (!asRequester && !needsMembership(policy, requester, person)) return {};
  const dependsOnTeam = (id: string) => isEverybody(id) || id.endsWith(`/${person.user}`);
  const asksPerson =
    asRequester || policy.approvers.some(dependsOnTeam) || !isHomeMember(policy, requester, person);
  return await lookUp({ groups: groupsOf(policy), ...(asksPerson && { person }), ...how });
}

/** Looks up members of groups, and a person. Where Slack can't say, nobody counts as a member. */
export async function lookUp(question: Parameters<typeof lookUpMembership>[0]): Promise<Membership> {
  let membership: Membership = {
    groups: Object.fromEntries(question.groups.map((group) => [group, null])),
    ...(question.person && { person: 'unsure' }),
  };
  await bestEffort(async () => {
    membership = await lookUpMembership(question);
  });
  return membership;
}

function apply(open: OpenItem, decision: Decision, judgement: Judgement, lapsed: Decision[] = []): Receipt {
  // It may have ended while Slack was asked.
  if (open.closedWith) return refuse(open.closedWith, lapsed);
  if (!judgement.accepted) return refuse(judgement.refusal, lapsed);
  open.item.votes = judgement.votes;
  if (judgement.verdict) open.end(judgement.verdict);
  else if (decision.until !== undefined) open.item.expiresAt = decision.until;
  return { lapsed };
}

function refuse(refusal: Refusal, lapsed: Decision[] = []): Receipt {
  return { refusal, lapsed };
}
