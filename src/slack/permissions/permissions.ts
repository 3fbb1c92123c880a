import { needsMembership } from '../../approval/judge.js';
import { type Person, samePerson } from '../../approval/person.js';
import { type ApprovalPolicy, escalated, groupsOf, mayApprove } from '../../approval/policy.js';
import { CountersignError } from '../../errors.js';
import type { RunInput } from '../../run/input.js';
import type { RunSnapshot } from '../../run/state.js';
import type { RunMemo, RunSummary } from '../../run/summary.js';
import type { ScheduleSummary } from '../../schedule/schedule.js';
import { withTimeout } from '../../with-timeout.js';
import { type Directory, membersOf } from './directory.js';

export interface PermissionPorts {
  directory: Directory;
  runs: { snapshot(runId: string): Promise<RunSnapshot | undefined> };
  /** The policy that holds in a channel. */
  policyFor(channel: string): ApprovalPolicy;
  /** The team that runs the app, and its organization on Enterprise Grid. */
  home: { team: string; enterprise?: string };
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
}

/** `unsure`: Slack, or the run, could not say in time. Then nobody is let in, and nobody is refused on record. */
export type Permission = 'yes' | 'no' | 'unsure';

/** Slack gives up on a command or a click after 3 s, so its look-ups are given up before that. In milliseconds. */
const LOOK_UP_WITHIN_MS = 1_200;
/** A worker that runs answers at once. In milliseconds. */
const SNAPSHOT_WITHIN_MS = 1_000;

/** Whether a permission is there. @throws CountersignError with code `MembershipUnsure` where Slack could not say. */
export function isCertain(permission: Permission): boolean {
  if (permission !== 'unsure') return permission === 'yes';
  throw new CountersignError('MembershipUnsure', 'Slack could not say in time who is a member');
}

/** A run's status and story are for its participants and for the members of its card's channel. */
export async function maySeeRun(ports: PermissionPorts, memo: RunMemo, person: Person): Promise<Permission> {
  return await firstYes(
    ports,
    () => isNamed(ports, memo, person),
    () => isInChannel(ports, memo, person),
  );
}

/** Participants are the requester and the people whom the policy names. Where anyone may approve, that names nobody. */
export async function isParticipant(
  ports: PermissionPorts,
  memo: RunMemo,
  person: Person,
): Promise<Permission> {
  return await firstYes(ports, () => isNamed(ports, memo, person));
}

/**
 * Tells whether the workflow will let this person cancel a run, by the policy as it is now. `later`: the run may still be escalated to
 * them. Where anyone may approve, those can who are in the card's channel.
 */
export async function mayCancelRun(
  ports: PermissionPorts,
  { runId, memo, status }: RunSummary,
  person: Person,
): Promise<Permission | 'later'> {
  if (samePerson(memo.requester, person)) return 'yes';
  const could = await (memo.approvers.includes('anyone') ? maySeeRun : isParticipant)(ports, memo, person);
  // The use case says that a run is over, to everybody who could have cancelled it.
  if (could !== 'yes' || status !== 'RUNNING') return could;
  const now = await withTimeout(
    SNAPSHOT_WITHIN_MS,
    () => ports.runs.snapshot(runId),
    () => undefined,
  );
  if (!now) return 'unsure';
  const may = await firstYes(ports, () => isApprover(ports, now.policy, now.requester, person));
  return may === 'no' ? 'later' : may;
}

/** A failed run may be retried by the requester and by those who may approve its plan. */
export async function mayRetryRun(
  ports: PermissionPorts,
  { requester, policy }: Pick<RunInput, 'requester' | 'policy'>,
  person: Person,
): Promise<Permission> {
  if (samePerson(requester, person)) return 'yes';
  return await firstYes(ports, () => isApprover(ports, policy, requester, person));
}

/** A schedule may be seen and changed by the participants of its next runs, by the policy that holds now. */
export async function mayChangeSchedule(
  ports: PermissionPorts,
  { goal, requester, channel }: ScheduleSummary,
  person: Person,
): Promise<Permission> {
  const { approvers } = escalated(ports.policyFor(channel));
  return await isParticipant(ports, { goal, requester, channel, approvers }, person);
}

/** Asks one thing after the other until one says yes. */
async function firstYes(
  { log }: PermissionPorts,
  ...questions: (() => Promise<Permission>)[]
): Promise<Permission> {
  const ask = async () => {
    let answer: Permission = 'no';
    for (const question of questions) {
      const next = await question().catch((err: unknown) => {
        log.warn({ err }, 'Slack could not say who is a member');
        return 'unsure' as const;
      });
      if (next === 'yes') return next;
      if (next === 'unsure') answer = next;
    }
    return answer;
  };
  return await withTimeout(LOOK_UP_WITHIN_MS, ask, () => 'unsure' as const);
}

async function isNamed(
  ports: PermissionPorts,
  { requester, approvers }: RunMemo,
  person: Person,
): Promise<Permission> {
  if (samePerson(requester, person)) return 'yes';
  const named = approvers.filter((approver) => approver !== 'anyone');
  const policy = { approvers: named, approvals: 1, requesterMayApprove: true, expiresAfterMs: 0 };
  return await isApprover(ports, policy, requester, person);
}

/** Asks Slack only where that can change the answer. In a group that Slack can't read nobody is a member. */
async function isApprover(
  { directory, home }: PermissionPorts,
  policy: ApprovalPolicy,
  requester: Person,
  person: Person,
): Promise<Permission> {
  const own = { ...home, ...policy };
  if (mayApprove(own, requester, person)) return 'yes';
  if (!needsMembership(own, requester, person)) return 'no';
  const failures: unknown[] = [];
  const [groups, teams] = await Promise.all([
    membersOf(directory, groupsOf(own), (_, error) => failures.push(error)),
    directory.teamsOf(person, { fresh: false }).catch((error: unknown) => void failures.push(error)),
  ]);
  if (teams === 'unknown') return 'no';
  if (mayApprove(own, requester, person, { groups, ...(teams && { person: { teams } }) })) return 'yes';
  if (failures.length > 0) throw failures[0];
  return 'no';
}

async function isInChannel(
  { directory }: PermissionPorts,
  { channel }: RunMemo,
  person: Person,
): Promise<Permission> {
  return (await directory.isInChannel(channel, person)) ? 'yes' : 'no';
}
