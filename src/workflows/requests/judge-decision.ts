import type { Decision } from '../../approval/decision.js';
import { type Judgement, judge, needsMembership, type Refusal, recount } from '../../approval/judge.js';
import { escalated, groupsOf, isHomeMember, type Membership } from '../../approval/policy.js';
import type { Run } from '../run.js';
import { lookUp } from './look-up-membership.js';
import type { OpenItem } from './open-item.js';

/** Result of judging a decision about one item. `lapsed` are approvals that no longer count. */
export type Receipt =
  | { accepted: true; lapsed: Decision[] }
  | { accepted: false; refusal: Refusal; lapsed: Decision[] };

/**
 * Judges a decision about an open item, and applies it: the item's votes, its expiry or its outcome change. Slack is asked first where the
 * policy's groups, or the clicker's team, must be looked up. Never throws.
 */
export async function judgeDecision(run: Run, open: OpenItem, decision: Decision): Promise<Receipt> {
  const { item } = open;
  const { requester } = run.input;
  if (open.closedWith) return refuse(open.closedWith);
  if (open.isLate(decision)) return refuse({ reason: 'over', state: 'expired' });
  if (open.isEscalatedFor(decision)) item.policy = escalated(item.policy);
  const { policy } = item;
  const groups = groupsOf(policy);
  const asksSlack = needsMembership(policy, requester, decision.by);
  // An answer ends its question at once, so its giver is looked up past the cache.
  const fresh = decision.kind === 'answer';
  const asksPerson = policy.approvers.includes('anyone') || !isHomeMember(policy, requester, decision.by);
  const person = asksPerson ? { person: decision.by } : {};
  const membership = asksSlack ? await lookUp({ groups, ...person, fresh }) : {};
  // An escalation of meanwhile asks for more groups.
  if (asksSlack && groupsOf(item.policy).length > groups.length) {
    return await judgeDecision(run, open, decision);
  }
  const { revision } = open.request;
  const judged = { item, revision, requester, ...(run.planned && { steps: run.planned.plan.steps }) };
  const judgement = judge(judged, decision, membership);
  const releases = judgement.accepted && judgement.verdict?.kind === 'approve';
  if (!releases || groups.length === 0) return apply(open, decision, judgement);
  return await release(run, open, decision, (now) => judge(judged, decision, { ...membership, ...now }));
}

/** Before the run goes on, groups are looked up past the cache: all who have approved must still be in them. */
async function release(
  run: Run,
  open: OpenItem,
  decision: Decision,
  judgeBy: (membership: Membership) => Judgement,
): Promise<Receipt> {
  const { item } = open;
  const groups = groupsOf(item.policy);
  const now = await lookUp({ groups, fresh: true });
  if (open.closedWith) return refuse(open.closedWith);
  const approved = { policy: item.policy, votes: [...item.votes, decision] };
  const { counting, lapsed } = recount(approved, run.input.requester, now);
  const unsure = groups.filter((group) => now.groups?.[group] === null);
  if (lapsed.length > 0 && unsure.length > 0) {
    // Nobody's approval is taken back on a guess, and nothing is released on one.
    return refuse({ reason: 'unsure', groups: unsure });
  }
  item.votes = counting.filter((vote) => vote !== decision);
  const others = lapsed.filter((vote) => vote !== decision);
  if (others.length < lapsed.length)
    return { ...refuse({ reason: 'no-longer-an-approver' }), lapsed: others };
  return { ...apply(open, decision, judgeBy(now)), lapsed: others };
}

function apply(open: OpenItem, decision: Decision, judgement: Judgement): Receipt {
  // It may have ended while Slack was asked.
  if (open.closedWith) return refuse(open.closedWith);
  if (!judgement.accepted) return refuse(judgement.refusal);
  const { votes, verdict } = judgement;
  open.item.votes = votes;
  if (verdict) open.end(verdict, { reason: 'already-decided', decision });
  else if (decision.kind === 'extend') open.extend();
  return { accepted: true, lapsed: [] };
}

function refuse(refusal: Refusal): Receipt {
  return { accepted: false, refusal, lapsed: [] };
}
