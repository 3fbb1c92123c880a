import { type Person, samePerson } from './person.js';

/** Limits of what the execution of a plan may use up. */
export interface Budget {
  /** Turns of the model. */
  turns: number;
  /** Tool calls that were made. */
  toolCalls: number;
  /** Tokens in and out, cached ones too. */
  tokens: number;
  /** US dollars, by the price table; a model without a price costs nothing here. */
  costUsd: number;
  /** Milliseconds at work: waits for people don't count. */
  timeMs: number;
}

/** Verdict of the policy on a tool call. */
export type Rule = 'allow' | 'ask' | 'deny';

/** One line of the policy's `tools`: the first whose glob matches the tool's name holds. */
export interface ToolRule {
  /** `*` stands for any characters. */
  match: string;
  rule: Rule;
}

/** Who must say yes, how many of them, and for how long a request stays open. */
export interface ApprovalPolicy {
  /** User ids (U…, W…; `T…/U…` for somebody of another team), user groups (S…), and the words `requester` and `anyone`. */
  approvers: string[];
  /** Distinct people who must approve. */
  approvals: number;
  /** False: four eyes, the requester's own approval does not count, nor does that of who edited the plan. */
  requesterMayApprove: boolean;
  /** How long a request waits, in milliseconds. */
  expiresAfterMs: number;
  /** When those who can approve are reminded, in milliseconds after the card was posted. */
  remindAfterMs?: number[];
  /** Who may approve as well once the card has waited this long, in milliseconds. */
  escalate?: { afterMs: number; to: string[] };
  /** False: nobody gets a direct message about a plan that waits for them. */
  notify?: boolean;
  /** The team whose ids it names; unset: the requester's. */
  team?: string;
  /** Enterprise Grid: the organization of that team, whose members count as the team's. */
  enterprise?: string;
  /** Which tool calls are allowed, asked about or denied: the first that matches holds. */
  tools?: ToolRule[];
  /** What the execution may use up; a part that isn't named is `DEFAULT_BUDGET`'s. */
  budget?: Partial<Budget>;
}

/** The policy file: a default, and per channel id what differs from it. */
export interface PolicyBook {
  default: ApprovalPolicy;
  channels: Record<string, Partial<ApprovalPolicy>>;
  /** They hold in every channel. */
  tools?: ToolRule[];
}

/** Without a policy file: the requester alone, within three days. */
export const DEFAULT_POLICY: ApprovalPolicy = {
  approvers: ['requester'],
  approvals: 1,
  requesterMayApprove: true,
  expiresAfterMs: 3 * 86_400_000,
};

/** The user ids in each group; null where Slack could not say, so that nobody counts as a member. */
export type GroupMembers = Record<string, readonly string[] | null>;

/** Answer of Slack about a click. */
export interface Membership {
  groups?: GroupMembers;
  /**
   * Every team and organization that the person belongs to by `users.info`. `unknown`: there is no such person, or not one who may
   * decide (a bot, deactivated); `unsure`: Slack couldn't say. Unset: Slack wasn't asked.
   */
  person?: { teams: readonly string[] } | 'unknown' | 'unsure';
}

/** The policy that holds in a channel: the default, overridden key by key. */
export function policyFor({ default: base, channels, tools }: PolicyBook, channel: string): ApprovalPolicy {
  const own = channels[channel];
  const budget = { ...base.budget, ...own?.budget };
  return {
    ...base,
    ...own,
    ...(Object.keys(budget).length > 0 && { budget }),
    ...(tools && { tools }),
  };
}

export function isGroup(approver: string): boolean {
  return approver.startsWith('S');
}

/** The user groups that a policy names. */
export function groupsOf({ approvers }: Pick<ApprovalPolicy, 'approvers'>): string[] {
  return [...new Set(approvers.filter(isGroup))];
}

/** Every user group that any policy of the book names, or may escalate to. */
export function groupsIn(book: PolicyBook): string[] {
  const policies = [book.default, ...Object.keys(book.channels).map((channel) => policyFor(book, channel))];
  return [...new Set(policies.flatMap((policy) => groupsOf(escalated(policy))))];
}

/** The people whom a policy names one by one, by user id; those of other teams are out of a direct message's reach. */
export function namedUsers({ approvers }: Pick<ApprovalPolicy, 'approvers'>): string[] {
  return [...new Set(approvers.filter((approver) => /^[UW]/.test(approver)))];
}

/** The policy once it was escalated. */
export function escalated(policy: ApprovalPolicy): ApprovalPolicy {
  const more = policy.escalate?.to ?? [];
  return { ...policy, approvers: [...new Set([...policy.approvers, ...more])] };
}

/** Whether the policy lets this person approve what the requester asked for. Four eyes shuts the requester out whatever names them. */
export function mayApprove(
  policy: ApprovalPolicy,
  requester: Person,
  person: Person,
  membership: Membership = {},
): boolean {
  const isRequester = samePerson(requester, person);
  if (isRequester && !policy.requesterMayApprove) return false;
  const isMember = isHomeMember(policy, requester, person, membership);
  return policy.approvers.some((approver) => {
    if (approver === 'anyone') return true;
    if (approver === 'requester') return isRequester;
    if (approver.includes('/'))
      return teamsOf(person, membership).some((team) => approver === `${team}/${person.user}`);
    if (!isMember) return false;
    return isGroup(approver)
      ? (membership.groups?.[approver]?.includes(person.user) ?? false)
      : approver === person.user;
  });
}

/** True if a person belongs to the team whose ids the policy names, or to its organization. */
export function isHomeMember(
  { team, enterprise }: ApprovalPolicy,
  requester: Person,
  person: Person,
  membership: Membership = {},
): boolean {
  const home = team ?? requester.team;
  return teamsOf(person, membership).some((id) => id === home || id === enterprise);
}

/** Teams of a person as `users.info` says; where Slack wasn't asked, as the click says. */
function teamsOf({ team, enterprise }: Person, { person }: Membership): readonly string[] {
  if (typeof person === 'object' && person.teams.length > 0) return person.teams;
  return enterprise === undefined ? [team] : [team, enterprise];
}

/** Whether four eyes shuts a person out because they edited the plan. */
export function editShutsOut(
  { requesterMayApprove }: ApprovalPolicy,
  editors: Person[] | undefined,
  person: Person,
): boolean {
  return !requesterMayApprove && (editors?.some((editor) => samePerson(editor, person)) ?? false);
}

/**
 * Why nobody could ever meet a policy; undefined when people can. Groups may hold anybody, so a policy with a group passes.
 */
export function impossible(policy: ApprovalPolicy): string | undefined {
  const { approvers, requesterMayApprove, approvals } = escalated(policy);
  if (approvers.some((approver) => approver === 'anyone' || isGroup(approver))) return undefined;
  const people = new Set(approvers.filter((approver) => approver !== 'requester' || requesterMayApprove));
  if (people.size >= approvals) return undefined;
  const eyes = requesterMayApprove ? '' : ' besides the requester';
  const named = people.size === 0 ? 'nobody' : people.size === 1 ? 'one person' : `${people.size} people`;
  return `asks for ${approvals} ${approvals === 1 ? 'approval' : 'approvals'} and names ${named}${eyes}`;
}
