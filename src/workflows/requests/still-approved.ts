import { editShutsOut, mayApprove } from '../../approval/policy.js';
import type { Verdict } from '../../approval/request.js';
import { hasNewApprovers, policyOfNextRequest, type RunContext } from '../run.js';
import { refreshPolicy } from './check-approvers.js';
import { lookUpPerson } from './judge-decision.js';

/** True if an approval of a run that is tried again also meets the policy file of now. Otherwise people are asked again. */
export async function isStillApproved(context: RunContext, { votes }: Verdict): Promise<boolean> {
  const { run } = context;
  const { input, resume } = run;
  // A run that continues as new is not tried again.
  if (!resume.retriedBy || input.continued) return true;
  await refreshPolicy(context);
  if (!hasNewApprovers(run)) return true;
  const policy = policyOfNextRequest(run);
  const { requester } = input;
  const counts = await Promise.all(
    votes.map(async ({ by }) => {
      if (editShutsOut(policy, resume.editors, by)) return false;
      return mayApprove(policy, requester, by, await lookUpPerson(policy, requester, by, { fresh: true }));
    }),
  );
  return counts.filter(Boolean).length >= policy.approvals;
}
