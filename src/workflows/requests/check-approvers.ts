import { escalated, groupsOf } from '../../approval/policy.js';
import { type Reachability, reachabilityOf } from '../../approval/possible-approvers.js';
import { policyOfNextRequest, type RunContext, stopRun } from '../run.js';
import { lookUp } from './judge-decision.js';

/**
 * Checks that enough people are left to approve the run's next plan, after those who changed it. Ends the run with that reason where nobody
 * else can be asked. Slack is asked only where somebody is left out, and a group is named.
 */
export async function checkApprovers(context: RunContext): Promise<Exclude<Reachability, 'never'>> {
  const { run } = context;
  const policy = policyOfNextRequest(run);
  const { requester } = run.input;
  const { editors = [] } = run.resume;
  if (policy.requesterMayApprove || editors.length === 0) return 'at-once';
  const named = groupsOf(escalated(policy));
  const { groups } = named.length > 0 ? await lookUp({ groups: named, fresh: true }) : {};
  const reachability = reachabilityOf(policy, { requester, editors, groups });
  return reachability === 'never' ? await stopRun(context, TOO_FEW) : reachability;
}

const TOO_FEW =
  'Too few people are left who may approve a new revision: who changed a plan, or asked for changes, can’t approve it here';
