import { type Person, samePerson } from '../../approval/person.js';
import { type ApprovalPolicy, escalated, groupsOf } from '../../approval/policy.js';
import { type Reachability, reachabilityOf } from '../../approval/possible-approvers.js';
import { hasNewApprovers, policyOfNextRequest, type Run, type RunContext, stopRun } from '../run.js';
import { readPolicy } from '../runtime/activities.js';
import { bestEffort } from '../runtime/best-effort.js';
import { lookUp } from './judge-decision.js';

/** Reads the policy file's policy for the run's channel. Without an answer the last one stays. */
export async function refreshPolicy({ run }: RunContext): Promise<void> {
  await bestEffort(async () => {
    run.filePolicy = await readPolicy({ channel: run.input.channel });
  });
}

/** Policy of a request that is to be made. `isNew`: by the policy file others must approve than when the run began. */
interface NextPolicy {
  policy: ApprovalPolicy;
  isNew: boolean;
  /** People who edited the call that it is about. */
  editors?: Person[];
}

function nextPolicyOf(run: Run): NextPolicy {
  return { policy: policyOfNextRequest(run), isNew: hasNewApprovers(run) };
}

/**
 * Finds out if enough people are left to approve the run's next request, without those who changed the plan. The policy file of now counts.
 * Slack is asked only where one of these leaves somebody out, and a group is named.
 */
export async function findReachability(
  { run }: RunContext,
  { policy, isNew, editors: own = [] }: NextPolicy = nextPolicyOf(run),
): Promise<Reachability> {
  const { requester } = run.input;
  const editors = [...(run.resume.editors ?? []), ...own];
  const isLeftOut = editors.some((editor) => !samePerson(editor, requester));
  const isNarrower = isLeftOut && !policy.requesterMayApprove;
  if (!isNarrower && !isNew) return 'at-once';
  const named = groupsOf(escalated(policy));
  const { groups } = named.length > 0 ? await lookUp({ groups: named, fresh: true }) : {};
  return reachabilityOf(policy, { requester, editors, groups });
}

/** Ends the run where nobody else can be asked to approve its next plan. */
export async function checkApprovers(context: RunContext): Promise<Exclude<Reachability, 'never'>> {
  const reachability = await findReachability(context);
  return reachability === 'never' ? await stopRun(context, whyTooFew(context)) : reachability;
}

/** Reason why too few people can approve, as a sentence without its end. */
export function whyTooFew(
  { run }: RunContext,
  { policy: { approvals }, isNew }: NextPolicy = nextPolicyOf(run),
): string {
  const people = approvals === 1 ? 'nobody is' : `fewer than ${approvals} people are`;
  return isNew
    ? `The policy was changed after this run began, and ${people} left who can approve now`
    : `Too few people are left who can approve. People who changed the plan, or asked for changes, can't`;
}
