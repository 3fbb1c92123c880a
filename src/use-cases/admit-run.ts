import type { Person } from '../approval/person.js';
import { takesGoals } from '../approval/policy.js';
import { CountersignError } from '../platform/errors.js';
import { withTimeout } from '../platform/with-timeout.js';
import type { Admission, RunAdmission } from '../run/admission.js';
import type { Origin } from '../run/message.js';
import { findOwnChannels, mayAsk } from '../slack/permissions/permissions.js';
import type { UseCasePorts } from './ports.js';

/** A run that is to start. */
interface RunToAdmit {
  shortId: string;
  requester: Person;
  /** Channel of the card. */
  channel: string;
  /** Tells starts of one run apart. @default the short id */
  key?: string;
  /** Asks Slack anew, past what is remembered. */
  fresh?: boolean;
}

/** Longest wait for the ledger to count a start, in milliseconds. Slack allows 3 s for a command. */
const COUNT_WITHIN_MS = 800;

/** Channel of a run's card, and of its policy. It never comes from a button's value. */
export function cardChannel(
  { approvalChannel }: Pick<UseCasePorts, 'approvalChannel'>,
  origin: string,
): string {
  return approvalChannel ?? origin;
}

/** Checks whether a person may start runs, and whether the policy takes goals in a channel. */
export async function mayStart(
  ports: UseCasePorts,
  { requester, channel, fresh = false }: Pick<RunToAdmit, 'requester' | 'channel' | 'fresh'>,
): Promise<Admission> {
  const may = await mayAsk(ports, requester, { fresh });
  if (may === 'no') return { kind: 'refused', refusal: { reason: 'not-a-requester' } };
  if (!takesGoals(ports.policies, channel)) {
    const channels = await findOwnChannels(ports, requester);
    return { kind: 'refused', refusal: { reason: 'elsewhere', channels } };
  }
  return { kind: may === 'yes' ? 'admitted' : 'unsure' };
}

/**
 * Checks whether a run may start, and counts its start within the policy's limits. The same start counts once.
 *
 * @throws CountersignError with code `StartNotCounted` when the ledger doesn't answer in time.
 */
export async function admitRun(ports: UseCasePorts, run: RunToAdmit): Promise<Admission> {
  const { shortId, requester, channel, key = shortId } = run;
  const admission = await mayStart(ports, run);
  const { limits } = ports.policies;
  if (admission.kind === 'refused' || !limits) return admission;
  const start = { key, shortId, person: requester.user, channel };
  const notCounted = (cause?: unknown): never => {
    throw new CountersignError('StartNotCounted', 'The ledger did not count the start in time', { cause });
  };
  const count = () => ports.ledger.countStart(start, limits).catch(notCounted);
  const limit = await withTimeout(COUNT_WITHIN_MS, count, notCounted);
  return limit ? { kind: 'refused', refusal: { reason: 'limit', limit } } : admission;
}

/** Admits a run that a schedule started, or whose start Slack couldn't check: under the policy of now, in the channel of now. */
export async function admitStartedRun(
  ports: UseCasePorts,
  { origin, ...run }: Pick<RunToAdmit, 'shortId' | 'requester'> & { origin: Origin },
): Promise<RunAdmission> {
  const channel = cardChannel(ports, origin.channel);
  const admission = await admitRun(ports, { ...run, channel, fresh: true });
  return { ...admission, channel, policy: ports.policyFor(channel) };
}
