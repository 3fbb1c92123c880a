import type { Person } from '../approval/person.js';
import { type ApprovalPolicy, policyFor, takesGoals } from '../approval/policy.js';
import { CountersignError } from '../platform/errors.js';
import { withTimeout } from '../platform/with-timeout.js';
import type { Admission, LimitReached, PostObstacle, RunAdmission } from '../run/admission.js';
import type { Origin } from '../run/message.js';
import { findOwnChannels, mayAsk } from '../slack/permissions/permissions.js';
import { missing } from '../telemetry/warnings.js';
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
  /** True if people have the run's card already, and are asked elsewhere once its channel is out of reach. */
  hasCard?: boolean;
}

/** Longest wait for Slack to say whether the bot can post in the channel, in milliseconds. Without an answer the run goes on. */
const REACH_WITHIN_MS = 800;

/** Longest wait for the ledger to count a start, in milliseconds. Slack allows 3 s for a command. */
const COUNT_WITHIN_MS = 800;

/** Channel of a run's card, and of its policy. It never comes from a button's value. */
export function cardChannel(
  { approvalChannel }: Pick<UseCasePorts, 'approvalChannel'>,
  origin: string,
): string {
  return approvalChannel ?? origin;
}

/**
 * Policy of now for the runs of a channel. Where no goals are taken any more, nobody may approve the next request of an older run. The rules for
 * tools hold there, too.
 */
export function policyOfNow(
  ports: Pick<UseCasePorts, 'policies' | 'approvalChannel'>,
  channel: string,
): ApprovalPolicy {
  const holding = cardChannel(ports, channel);
  const policy = policyFor(ports.policies, holding);
  return takesGoals(ports.policies, holding) ? policy : { ...policy, approvers: [] };
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
  const [admission, obstacle] = await Promise.all([
    mayStart(ports, run),
    run.hasCard ? undefined : findPostObstacle(ports, run.channel),
  ]);
  if (admission.kind === 'refused') return admission;
  // Nobody can invite the bot into a direct message between other people.
  if (obstacle === 'channel_not_found' && run.channel.startsWith('D')) {
    return { kind: 'refused', refusal: { reason: 'others-conversation' } };
  }
  const limit = await countStart(ports, run);
  if (limit) return { kind: 'refused', refusal: { reason: 'limit', limit } };
  if (!obstacle) return admission;
  const message = `The bot can't post in the channel of the card (${obstacle}).`;
  return { kind: 'cannot-post', failure: { step: 'post', code: obstacle, message } };
}

/** Reason why the bot can't post in a channel; undefined also while Slack doesn't say. */
export async function findPostObstacle(
  { directory }: UseCasePorts,
  channel: string,
): Promise<PostObstacle | undefined> {
  const look = async () => await directory.whyCannotPost(channel);
  return await withTimeout(REACH_WITHIN_MS, look, () => undefined).catch(missing(undefined));
}

async function countStart(
  { ledger, policies: { limits } }: UseCasePorts,
  { shortId, requester, channel, key = shortId }: RunToAdmit,
): Promise<LimitReached | undefined> {
  if (!limits) return undefined;
  const start = { key, shortId, person: requester.user, channel };
  const notCounted = (cause?: unknown): never => {
    throw new CountersignError('StartNotCounted', 'The ledger did not count the start in time', { cause });
  };
  const count = () => ledger.countStart(start, limits).catch(notCounted);
  return await withTimeout(COUNT_WITHIN_MS, count, notCounted);
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
