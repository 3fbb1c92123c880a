import { needsMembership } from '../../approval/judge.js';
import { type Person, samePerson } from '../../approval/person.js';
import { type ApprovalPolicy, escalated, groupsOf, mayApprove } from '../../approval/policy.js';
import { CountersignError } from '../../platform/errors.js';
import { withTimeout } from '../../platform/with-timeout.js';
import type { RunSnapshot } from '../../run/state.js';
import type { RunMemo, RunSummary } from '../../run/summary.js';
import type { ScheduleSummary } from '../../schedule/schedule.js';
import { type Directory, membersOf } from './directory.js';
import type { Identity } from './identity.js';

export interface PermissionPorts {
  directory: Directory;
  runs: { snapshot(shortId: string): Promise<RunSnapshot | undefined> };
  /** The policy that holds in a channel. */
  policyFor(channel: string): ApprovalPolicy;
  home: Identity['home'];
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
}

/** `unsure`: Slack, or the run, could not say in time. Then nobody is let in, and nobody's refusal goes on record. */
export type Permission = 'yes' | 'no' | 'unsure';

/** Slack gives up on a command or a click after 3 s, so its look-ups are given up before that. In milliseconds. */
const LOOK_UP_WITHIN_MS = 1_200;
/** A worker that runs answers at once. In milliseconds. */
const SNAPSHOT_WITHIN_MS = 1_000;

/** Reads a permission. @throws CountersignError with code `MembershipUnsure` where Slack could not say. */
export function isCertain(permission: Permission): boolean {
  if (permission !== 'unsure') return permission === 'yes';
  throw new CountersignError('MembershipUnsure', 'Slack could not say in time who is a member');
}

/** A run's status and story are for its participants and for the members of its card's channel. */
export function maySeeRun(ports: PermissionPorts, memo: RunMemo, person: Person): Promise<Permission> {
  return mayAct(ports, person, participants(memo), { channel: memo.channel });
}

export function isParticipant(ports: PermissionPorts, memo: RunMemo, person: Person): Promise<Permission> {
  return mayAct(ports, person, participants(memo));
}

/** A failed run may be retried by the requester and by those who may approve its plan. */
export function mayRetryRun(ports: PermissionPorts, run: Owned, person: Person): Promise<Permission> {
  return mayAct(ports, person, run);
}

/** A schedule may be seen and changed by the participants of its next runs, by the policy that holds now. */
export function mayChangeSchedule(
  ports: PermissionPorts,
  { requester, channel }: ScheduleSummary,
  person: Person,
): Promise<Permission> {
  const { approvers } = escalated(ports.policyFor(channel));
  return mayAct(ports, person, participants({ requester, approvers }));
}

/**
 * Tells whether the workflow will let this person cancel a run, by the policy as it is now. `later`: the run may still be escalated to
 * them. Where anyone may approve, those can who are in the card's channel.
 */
export async function mayCancelRun(
  ports: PermissionPorts,
  { shortId, memo, status }: RunSummary,
  person: Person,
): Promise<Permission | 'later'> {
  const could = await (memo.approvers.includes('anyone') ? maySeeRun : isParticipant)(ports, memo, person);
  // A run that is over is said to be, to everybody who could have cancelled it.
  if (could !== 'yes' || status !== 'RUNNING' || samePerson(memo.requester, person)) return could;
  const now = await withTimeout(
    SNAPSHOT_WITHIN_MS,
    () => ports.runs.snapshot(shortId),
    () => undefined,
  );
  const may = now ? await mayAct(ports, person, now) : 'unsure';
  return may === 'no' ? 'later' : may;
}

/** Something that its requester may act on, and those who may approve by its policy. */
interface Owned {
  requester: Person;
  policy: ApprovalPolicy;
}

/** Participants are the requester and the people whom the policy names. Where anyone may approve, that names nobody. */
function participants({ requester, approvers }: Pick<RunMemo, 'requester' | 'approvers'>): Owned {
  const named = approvers.filter((approver) => approver !== 'anyone');
  const policy = { approvers: named, approvals: 1, requesterMayApprove: true, expiresAfterMs: 0 };
  return { requester, policy };
}

/** `channel`: its members may, too. */
async function mayAct(
  ports: PermissionPorts,
  person: Person,
  { requester, policy }: Owned,
  { channel }: { channel?: string } = {},
): Promise<Permission> {
  if (samePerson(requester, person)) return 'yes';
  const unsure = (err: unknown): Permission => {
    ports.log.warn({ err }, 'Slack could not say who is a member');
    return 'unsure';
  };
  const look = async (): Promise<Permission> => {
    const approver = await isApprover(ports, policy, requester, person).catch(unsure);
    if (approver === 'yes' || channel === undefined) return approver;
    return (await ports.directory.isInChannel(channel, person)) ? 'yes' : approver;
  };
  return await withTimeout(LOOK_UP_WITHIN_MS, look, () => 'unsure' as const).catch(unsure);
}

/** Asks Slack only where that can change the answer. */
async function isApprover(
  { directory, home }: PermissionPorts,
  policy: ApprovalPolicy,
  requester: Person,
  person: Person,
): Promise<Permission> {
  const own = { ...home, ...policy };
  if (mayApprove(own, requester, person)) return 'yes';
  if (!needsMembership(own, requester, person)) return 'no';
  let failure: unknown;
  const [{ members: groups, failures }, teams] = await Promise.all([
    membersOf(directory, groupsOf(own)),
    directory.teamsOf(person, { fresh: false }).catch((error: unknown) => {
      failure = error;
    }),
  ]);
  if (teams === 'unknown') return 'no';
  if (mayApprove(own, requester, person, { groups, ...(teams && { person: { teams } }) })) return 'yes';
  const [failed = failure] = failures.values();
  if (failed) throw failed;
  return 'no';
}
