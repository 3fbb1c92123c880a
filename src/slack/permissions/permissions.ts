import { needsMembership } from '../../approval/judge.js';
import { type Person, samePerson } from '../../approval/person.js';
import {
  type ApprovalPolicy,
  DEFAULT_REQUESTERS,
  escalated,
  groupsOf,
  isEverybody,
  mayApprove,
  type PolicyBook,
} from '../../approval/policy.js';
import { CountersignError } from '../../platform/errors.js';
import { withTimeout } from '../../platform/with-timeout.js';
import type { RunSnapshot } from '../../run/state.js';
import type { RunMemo, RunSummary } from '../../run/summary.js';
import type { ScheduleSummary } from '../../schedule/schedule.js';
import { missing, warnAnd } from '../../telemetry/warnings.js';
import { type Directory, membersOf } from './directory.js';
import type { Identity } from './identity.js';

export interface PermissionPorts {
  directory: Directory;
  runs: { snapshot(shortId: string): Promise<RunSnapshot | undefined> };
  /** The policy file. */
  policies: PolicyBook;
  policyFor(channel: string): ApprovalPolicy;
  /** Channel for cards; unset: the channel of the command. */
  approvalChannel?: string;
  home: Identity['home'];
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
}

/** `unsure`: Slack or the run did not answer in time. The person is not let in, and no refusal is recorded. */
export type Permission = 'yes' | 'no' | 'unsure';

/** Longest wait for Slack's look-ups, in milliseconds. Slack allows 3 s for a command or a click. */
const LOOK_UP_WITHIN_MS = 1_200;
/** Longest wait at a start, in milliseconds: Temporal and the ledger need time too. Without an answer the run asks again, more patiently. */
const ASK_WITHIN_MS = 800;
const ASK_PATIENTLY_MS = 10_000;
/** Longest wait for a run's snapshot, in milliseconds. A running worker answers at once. */
const SNAPSHOT_WITHIN_MS = 1_000;

/** True for `yes`. @throws CountersignError with code `MembershipUnsure` for `unsure`. */
export function isCertain(permission: Permission): boolean {
  if (permission !== 'unsure') return permission === 'yes';
  throw new CountersignError('MembershipUnsure', 'Slack did not answer in time who is a member');
}

/** Checks whether the policy's `requesters` let a person start runs. `fresh`: for a run that waits; Slack is asked anew, and has more time. */
export async function mayAsk(
  ports: PermissionPorts,
  person: Person,
  how: { fresh: boolean },
): Promise<Permission> {
  const withinMs = how.fresh ? ASK_PATIENTLY_MS : ASK_WITHIN_MS;
  const { requesters = DEFAULT_REQUESTERS } = ports.policies;
  const policy = participantPolicy(requesters.filter((name) => name !== 'members'));
  const look = async (): Promise<Permission> => {
    const named = await isApprover(ports, policy, person, person).catch(unsure);
    // A person who is named by id may have left; their schedules and failed runs are still there.
    if (named === 'yes') return (await ports.directory.person(person, how)) === 'unknown' ? 'no' : named;
    if (!requesters.includes('members')) return named;
    return (await ports.directory.isFullMember(person, ports.home, how)) ? 'yes' : named;
  };
  return await withTimeout(withinMs, look, () => 'unsure' as const).catch(unsure);
}

/** Channels of a channels-only policy file in which goals are taken, and which a person is in. Empty when Slack doesn't say in time. */
export async function findOwnChannels(ports: PermissionPorts, person: Person): Promise<string[]> {
  const named = Object.keys(ports.policies.channels);
  const look = (signal: AbortSignal) =>
    Promise.all(named.map((channel) => ports.directory.isInChannel(channel, person, signal)));
  const are = await withTimeout(ASK_WITHIN_MS, look, () => []).catch(missing([]));
  return named.filter((_, index) => are[index]);
}

/** Checks whether a person is in all of these channels. The requester of a run is in the direct message in which they asked for it. */
export async function areInChannels(
  ports: PermissionPorts,
  channels: string[],
  { person, requester }: { person: Person; requester: Person },
): Promise<Permission> {
  const isOwn = samePerson(person, requester);
  const asked = new Set(channels.filter((channel) => !(isOwn && channel.startsWith('D'))));
  const look = async (signal: AbortSignal): Promise<Permission> => {
    const are = [...asked].map((channel) => ports.directory.isInChannel(channel, person, signal));
    return (await Promise.all(are)).every((is) => is) ? 'yes' : 'no';
  };
  return await withTimeout(LOOK_UP_WITHIN_MS, look, () => 'unsure' as const).catch(unsure);
}

/** Participants of a run, and members of its card's channel, may see its status and history. */
export function maySeeRun(ports: PermissionPorts, memo: RunMemo, person: Person): Promise<Permission> {
  return mayAct(ports, person, participants(memo), { channel: memo.channel });
}

export function isParticipant(ports: PermissionPorts, memo: RunMemo, person: Person): Promise<Permission> {
  return mayAct(ports, person, participants(memo));
}

/** The requester of a failed run, and those who may approve its plan, may retry it. */
export function mayRetryRun(ports: PermissionPorts, run: Owned, person: Person): Promise<Permission> {
  return mayAct(ports, person, run);
}

/** Checks whether a request's policy lets a person decide, now or after its escalation. The requester may always reject. */
export function mayDecide(
  ports: PermissionPorts,
  { requester, policy }: Owned,
  person: Person,
): Promise<Permission> {
  return mayAct(ports, person, { requester, policy: escalated(policy) });
}

/** Participants of a schedule's next runs, by the current policy, may see and change it. */
export function mayChangeSchedule(
  ports: PermissionPorts,
  { requester, channel }: ScheduleSummary,
  person: Person,
): Promise<Permission> {
  const { approvers } = escalated(ports.policyFor(ports.approvalChannel ?? channel));
  return mayAct(ports, person, participants({ requester, approvers }));
}

/** Checks whether a policy lets a person approve, as it is now. The requester is a person like any other here. */
export async function mayApproveNow(
  ports: PermissionPorts,
  { requester, policy }: Owned,
  person: Person,
): Promise<Permission> {
  const look = () => isApprover(ports, policy, requester, person);
  return await withTimeout(LOOK_UP_WITHIN_MS, look, () => 'unsure' as const).catch(unsure);
}

/**
 * Predicts whether the workflow will let this person cancel a run, by its current policy. `later`: an escalation may add them. Where
 * anyone may approve, members of the card's channel may cancel.
 */
export async function mayCancelRun(
  ports: PermissionPorts,
  { shortId, memo, status }: RunSummary,
  person: Person,
): Promise<Permission | 'later'> {
  const could = await (memo.approvers.some(isEverybody) ? maySeeRun : isParticipant)(ports, memo, person);
  // Everybody who could have cancelled a finished run learns that it is over.
  if (could !== 'yes' || status !== 'RUNNING' || samePerson(memo.requester, person)) return could;
  const now = await withTimeout(
    SNAPSHOT_WITHIN_MS,
    () => ports.runs.snapshot(shortId),
    () => undefined,
  );
  const may = now ? await mayAct(ports, person, now) : 'unsure';
  return may === 'no' ? 'later' : may;
}

/** A run or a schedule, on which its requester and the policy's approvers may act. */
interface Owned {
  requester: Person;
  policy: ApprovalPolicy;
}

/** Participants: the requester and the people whom the policy names; `anyone` and `members` name nobody. */
function participants({ requester, approvers }: Pick<RunMemo, 'requester' | 'approvers'>): Owned {
  return { requester, policy: participantPolicy(approvers.filter((approver) => !isEverybody(approver))) };
}

function participantPolicy(approvers: string[]): ApprovalPolicy {
  return { approvers, approvals: 1, requesterMayApprove: true, expiresAfterMs: 0 };
}

const unsure = warnAnd<Permission>('look-up', 'Slack could not say who is a member', 'unsure');

/** Checks whether a person may act. `channel`: its members may act too. */
async function mayAct(
  ports: PermissionPorts,
  person: Person,
  { requester, policy }: Owned,
  { channel }: { channel?: string } = {},
): Promise<Permission> {
  if (samePerson(requester, person)) return 'yes';
  const look = async (signal: AbortSignal): Promise<Permission> => {
    const approver = await isApprover(ports, policy, requester, person).catch(unsure);
    if (approver === 'yes' || channel === undefined) return approver;
    return (await ports.directory.isInChannel(channel, person, signal)) ? 'yes' : approver;
  };
  return await withTimeout(LOOK_UP_WITHIN_MS, look, () => 'unsure' as const).catch(unsure);
}

/** Slack is asked only if its answer can change the result. */
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
  const [{ members: groups, failures }, known] = await Promise.all([
    membersOf(directory, groupsOf(own)),
    directory.person(person, { fresh: false }).catch((error: unknown) => {
      failure = error;
    }),
  ]);
  if (known === 'unknown') return 'no';
  if (mayApprove(own, requester, person, { groups, ...(known && { person: known }) })) return 'yes';
  const [failed = failure] = failures.values();
  if (failed) throw failed;
  return 'no';
}
