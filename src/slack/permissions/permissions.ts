import { needsMembership } from '../../approval/judge.js';
import { type Person, samePerson } from '../../approval/person.js';
import {
  type ApprovalPolicy,
  escalated,
  groupsOf,
  type Membership,
  mayApprove,
} from '../../approval/policy.js';
import type { RunInput } from '../../run/input.js';
import type { RunSnapshot } from '../../run/state.js';
import type { RunMemo, RunSummary } from '../../run/summary.js';
import type { ScheduleSummary } from '../../schedule/schedule.js';
import { withTimeout } from '../../with-timeout.js';
import { type Directory, membersOf } from './directory.js';

export interface PermissionPorts {
  directory: Omit<Directory, 'problems'>;
  runs: { snapshot(runId: string): Promise<RunSnapshot | undefined> };
  /** The policy that holds in a channel. */
  policyFor(channel: string): ApprovalPolicy;
  /** The team that runs the app, and its organization on Enterprise Grid. */
  home: { team: string; enterprise?: string };
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
}

/** Slack gives up on a command or a click after 3 s, so each look-up is given up before that. In milliseconds. */
const LOOK_UP_WITHIN_MS = 1_500;
/** A worker that runs answers at once. In milliseconds. */
const SNAPSHOT_WITHIN_MS = 1_000;

/** A run's status and story are for its participants and for the members of its card's channel. */
export async function maySeeRun(ports: PermissionPorts, memo: RunMemo, person: Person): Promise<boolean> {
  return (await isParticipant(ports, memo, person)) || (await isInChannel(ports, memo.channel, person));
}

/**
 * Tells whether the workflow will let this person cancel a run, by the policy as it is now. `later`: the run may still be escalated to
 * them. Undefined when no worker answers in time. Where anyone may approve, those can who are in the card's channel.
 */
export async function mayCancelRun(
  ports: PermissionPorts,
  { runId, memo, status }: RunSummary,
  person: Person,
): Promise<'yes' | 'later' | 'no' | undefined> {
  if (samePerson(memo.requester, person)) return 'yes';
  const isHere = memo.approvers.includes('anyone') && (await isInChannel(ports, memo.channel, person));
  if (!isHere && !(await isParticipant(ports, memo, person))) return 'no';
  // The use case says that a run is over, to everybody who could have cancelled it.
  if (status !== 'RUNNING') return 'yes';
  const now = await withTimeout(
    SNAPSHOT_WITHIN_MS,
    () => ports.runs.snapshot(runId),
    () => undefined,
  );
  if (!now) return undefined;
  return (await isApprover(ports, now.policy, now.requester, person)) ? 'yes' : 'later';
}

/** A failed run may be retried by the requester and by those who may approve its plan. */
export async function mayRetryRun(
  ports: PermissionPorts,
  { requester, policy }: Pick<RunInput, 'requester' | 'policy'>,
  person: Person,
): Promise<boolean> {
  return samePerson(requester, person) || (await isApprover(ports, policy, requester, person));
}

/** A schedule may be seen and changed by the participants of its next runs, by the policy that holds now. */
export async function mayChangeSchedule(
  ports: PermissionPorts,
  { goal, requester, channel }: ScheduleSummary,
  person: Person,
): Promise<boolean> {
  const { approvers } = escalated(ports.policyFor(channel));
  return await isParticipant(ports, { goal, requester, channel, approvers }, person);
}

/** Participants are the requester and the people whom the policy names. Where anyone may approve, that names nobody. */
export async function isParticipant(
  ports: PermissionPorts,
  { requester, approvers }: RunMemo,
  person: Person,
): Promise<boolean> {
  if (samePerson(requester, person)) return true;
  const named = approvers.filter((approver) => approver !== 'anyone');
  const policy = { approvers: named, approvals: 1, requesterMayApprove: true, expiresAfterMs: 0 };
  return await isApprover(ports, policy, requester, person);
}

/** Asks Slack only where that can change the answer. */
async function isApprover(
  ports: PermissionPorts,
  policy: ApprovalPolicy,
  requester: Person,
  person: Person,
): Promise<boolean> {
  const own = { ...ports.home, ...policy };
  if (mayApprove(own, requester, person)) return true;
  if (!needsMembership(own, requester, person)) return false;
  const membership = await withTimeout<Membership, Membership>(
    LOOK_UP_WITHIN_MS,
    () => lookUpMembership(ports, own, person),
    () => ({ person: 'unsure' }),
  );
  return mayApprove(own, requester, person, membership);
}

/** In a group that Slack can't read nobody is a member. */
async function lookUpMembership(
  { directory, log }: PermissionPorts,
  policy: ApprovalPolicy,
  person: Person,
): Promise<Membership> {
  const warn = (err: unknown) => log.warn({ err }, 'Slack could not say who is a member');
  const [groups, teams] = await Promise.all([
    membersOf(directory, groupsOf(policy), (_, error) => warn(error)),
    directory.teamsOf(person, { fresh: false }).catch(warn),
  ]);
  return { groups, ...(teams && { person: teams === 'unknown' ? teams : { teams } }) };
}

/** False where Slack can't say: then the participants alone see the run. */
async function isInChannel(
  { directory }: PermissionPorts,
  channel: string,
  person: Person,
): Promise<boolean> {
  const look = () => directory.isInChannel(channel, person).catch(() => false);
  return await withTimeout(LOOK_UP_WITHIN_MS, look, () => false);
}
