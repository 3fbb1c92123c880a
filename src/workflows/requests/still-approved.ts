import { recount } from '../../approval/judge.js';
import { editShutsOut, groupsOf } from '../../approval/policy.js';
import type { Verdict } from '../../approval/request.js';
import { hasNewApprovers, policyOfNextRequest, type RunContext } from '../run.js';
import { refreshPolicy } from './check-approvers.js';
import { lookUp } from './judge-decision.js';

/** True if an approval of a run that is tried again also meets the policy file of now. Otherwise people are asked again. */
export async function isStillApproved(context: RunContext, { votes }: Verdict): Promise<boolean> {
  const { run } = context;
  const { input, resume } = run;
  // A run that continues as new is not tried again.
  if (!resume.retriedBy || input.continued) return true;
  await refreshPolicy(context);
  if (!hasNewApprovers(run)) return true;
  const policy = policyOfNextRequest(run);
  const groups = groupsOf(policy);
  const membership = groups.length > 0 ? await lookUp({ groups, fresh: true }) : {};
  const { counting } = recount({ policy, votes }, input.requester, membership);
  const own = counting.filter(({ by }) => !editShutsOut(policy, resume.editors, by));
  return own.length >= policy.approvals;
}
