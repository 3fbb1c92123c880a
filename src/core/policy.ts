import { type Person, samePerson } from './person.js';

/** Who must say yes, how many of them, and for how long a request stays open. */
export interface ApprovalPolicy {
  /** User ids (U…, W…), or the words `requester` and `anyone`. */
  approvers: string[];
  /** Distinct people who must approve. */
  approvals: number;
  /** False: four eyes, the requester's own approval does not count. */
  requesterMayApprove: boolean;
  /** How long a request waits, in milliseconds. */
  expiresAfterMs: number;
}

/** The policy file: a default, and per channel id what differs from it. */
export interface PolicyBook {
  default: ApprovalPolicy;
  channels: Record<string, Partial<ApprovalPolicy>>;
}

/** Without a policy file: the requester alone, within three days. */
export const DEFAULT_POLICY: ApprovalPolicy = {
  approvers: ['requester'],
  approvals: 1,
  requesterMayApprove: true,
  expiresAfterMs: 3 * 86_400_000,
};

/** The policy that holds in a channel: the default, overridden key by key. */
export function policyFor(book: PolicyBook, channel: string): ApprovalPolicy {
  return { ...book.default, ...book.channels[channel] };
}

/** Whether the policy lets this person approve what the requester asked for. Four eyes shuts the requester out whatever names them. */
export function mayApprove(policy: ApprovalPolicy, requester: Person, person: Person): boolean {
  const isRequester = samePerson(requester, person);
  if (isRequester && !policy.requesterMayApprove) return false;
  return policy.approvers.some(
    (approver) =>
      approver === 'anyone' ||
      (approver === 'requester' && isRequester) ||
      // A policy names people of the team that runs the app.
      (approver === person.user && person.team === requester.team),
  );
}
