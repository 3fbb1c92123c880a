import { type ApprovalPolicy, type PolicyBook, policyFor, takesGoals } from '../../approval/policy.js';
import { ConfigError } from '../../platform/errors.js';
import { missing } from '../../telemetry/warnings.js';
import { clientOf, type SlackAccess } from './identity.js';

/** Says in one line which policy holds where: "#general and everywhere else: the requester alone". */
export async function describePolicy(
  access: SlackAccess,
  book: PolicyBook,
  approvalChannel?: string,
): Promise<string> {
  if (approvalChannel !== undefined) {
    const name = await nameOf(access, approvalChannel);
    return `${name}, where all plans go: ${termsOf(policyFor(book, approvalChannel))}`;
  }
  const places = new Map<string, string[]>();
  const add = (terms: string, place: string) => places.set(terms, [...(places.get(terms) ?? []), place]);
  for (const id of Object.keys(book.channels)) add(termsOf(policyFor(book, id)), await nameOf(access, id));
  if (!book.channelsOnly) add(termsOf(book.default), places.size > 0 ? 'everywhere else' : 'everywhere');
  const lines = [...places].map(([terms, names]) => `${joined(names)}: ${terms}`);
  return [...lines, ...(book.channelsOnly ? ['no goals are taken anywhere else'] : [])].join('; ');
}

/** @throws ConfigError when the policy file takes no goals in the approval channel. */
export function checkApprovalChannel(book: PolicyBook, channel: string, given: string): void {
  if (takesGoals(book, channel)) return;
  const name = given === channel ? channel : `${given} (${channel})`;
  throw new ConfigError(
    'APPROVAL_CHANNEL',
    `APPROVAL_CHANNEL: the policy file names channels and has no default, and ${name} is not among them, so no goal could be taken. Name it under channels, or add a default.`,
  );
}

/** A policy in a few words: "2 of S0123 and U0456, not the requester". */
function termsOf({ approvers, approvals, requesterMayApprove }: ApprovalPolicy): string {
  const names = approvers.map((name) => (name === 'requester' ? 'the requester' : name));
  if (approvals === 1 && approvers.length === 1 && approvers[0] === 'requester') return 'the requester alone';
  return `${approvals} of ${joined(names)}${requesterMayApprove ? '' : ', not the requester'}`;
}

function joined(names: string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** Name of a channel, or its id where Slack doesn't tell. */
async function nameOf(access: SlackAccess, id: string): Promise<string> {
  const client = clientOf(access);
  const { channel } = await client.conversations.info({ channel: id }).catch(missing({ channel: undefined }));
  return channel?.name ? `#${channel.name}` : id;
}
