import type { WebClient } from '@slack/web-api';
import { type Person, samePerson } from '../../approval/person.js';
import { type ApprovalPolicy, escalated, groupsOf, mayApprove } from '../../approval/policy.js';
import type { ScheduleSummary } from '../../schedule/schedule.js';
import type { ListenerContext, RunSummary } from '../listeners/context.js';
import { membersOf } from './directory.js';

/** Whether a policy lets this person approve; in a group that Slack can't tell of, nobody does. */
export async function isApprover(
  { directory, homeTeam, log }: ListenerContext,
  policy: ApprovalPolicy,
  requester: Person,
  person: Person,
): Promise<boolean> {
  const own = { team: homeTeam, ...policy };
  if (mayApprove(own, requester, person)) return true;
  const groups = await membersOf(directory, groupsOf(policy), (group, error) =>
    log.warn({ group, err: error }, 'Slack could not say who is in a user group'),
  );
  return mayApprove(own, requester, person, groups);
}

/** The requester, or somebody whom the policy names; what anyone may approve is nobody's in particular. */
export async function isNear(
  context: ListenerContext,
  { requester, approvers }: RunSummary['memo'],
  person: Person,
): Promise<boolean> {
  if (samePerson(requester, person)) return true;
  const named = approvers.filter((approver) => approver !== 'anyone');
  const policy = { approvers: named, approvals: 1, requesterMayApprove: true, expiresAfterMs: 0 };
  return isApprover(context, policy, requester, person);
}

/** Who may see and change a schedule: those near the runs that it starts, by the policy that holds now. */
export async function isNearSchedule(
  context: ListenerContext,
  { goal, requester, channel }: ScheduleSummary,
  person: Person,
): Promise<boolean> {
  const { approvers } = escalated(context.policyFor(channel));
  return isNear(context, { goal, requester, channel, approvers }, person);
}

/** Who may see where a run stands, and its story: those near it, and the members of its card's channel. */
export async function maySee(
  context: ListenerContext,
  client: WebClient,
  memo: RunSummary['memo'],
  person: Person,
): Promise<boolean> {
  return (await isNear(context, memo, person)) || (await isMember(client, memo.channel, person));
}

/** A worker that runs says it at once; a person waits for the answer, in milliseconds. */
const SNAPSHOT_WITHIN_MS = 1_000;

/**
 * Whether the workflow will let this person cancel a run, by the policy as it is now: `later` for those to whom it may still be escalated.
 * Undefined when no worker says soon how it is now. Where anyone may approve, those can who are in the card's channel.
 */
export async function mayCancel(
  context: ListenerContext,
  client: WebClient,
  { runId, memo, status }: RunSummary,
  person: Person,
): Promise<'yes' | 'later' | 'no' | undefined> {
  if (samePerson(memo.requester, person)) return 'yes';
  const isHere = memo.approvers.includes('anyone') && (await isMember(client, memo.channel, person));
  if (!isHere && !(await isNear(context, memo, person))) return 'no';
  // Its end says what became of it.
  if (status !== 'RUNNING') return 'yes';
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), SNAPSHOT_WITHIN_MS).unref();
  });
  const now = await Promise.race([context.runs.snapshot(runId), late]);
  if (!now) return undefined;
  return (await isApprover(context, now.policy, now.requester, person)) ? 'yes' : 'later';
}

async function isMember(client: WebClient, channel: string, person: Person): Promise<boolean> {
  let cursor: string | undefined;
  try {
    do {
      const page = await client.conversations.members({ channel, limit: 1000, ...(cursor && { cursor }) });
      if (page.members?.includes(person.user)) return true;
      cursor = page.response_metadata?.next_cursor;
    } while (cursor);
  } catch {
    // Where Slack can't say who is in the channel, only those near the run see it.
  }
  return false;
}
