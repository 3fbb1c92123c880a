import { type Person, samePerson } from './person.js';

/** Limits for the execution of a plan. */
export interface Budget {
  /** Turns of the model. */
  turns: number;
  /** Tool calls that were sent. */
  toolCalls: number;
  /** Input and output tokens, including cached ones. */
  tokens: number;
  /** US dollars, by the price table. A model without a price counts as free. */
  costUsd: number;
  /** Working time in milliseconds, without waits for people. */
  timeMs: number;
}

/** Verdict of the policy on a tool call. */
export type Rule = 'allow' | 'ask' | 'deny';

/**
 * Condition on an argument. A number or a boolean: equal. A text: `> 5`, `>= 5`, `< 5` or `<= 5` for a number, `= x` for exactly x, else a glob.
 */
export type Condition = string | number | boolean;

/** One line of the policy's `tools`. The first line that matches a call applies to it. */
export interface ToolRule {
  /** A glob over the tool's name, without case; `*` matches any characters. */
  match: string;
  rule: Rule;
  /** Conditions by an argument's path, such as `order.amount`. Each argument must meet one of its conditions. */
  where?: Record<string, Condition[]>;
  /** Channels in which the line applies; unset: in all. */
  channels?: string[];
  /** For `ask`: approvers of the call, in place of the policy's. */
  approvers?: string[];
  /** For `ask`: number of approvals, in place of the policy's. */
  approvals?: number;
}

/** Approvers, number of approvals, and deadlines of a request. */
export interface ApprovalPolicy {
  /** User ids (U…, W…; `T…/U…` for a person of another team), user groups (S…), and the words `requester`, `members` and `anyone`. */
  approvers: string[];
  /** Number of distinct people who must approve. */
  approvals: number;
  /** False means four eyes: approvals of the requester, and of those who edited the plan or asked for changes, don't count. */
  requesterMayApprove: boolean;
  /** How long a request waits, in milliseconds. */
  expiresAfterMs: number;
  /** Times of the reminders to pending approvers, in milliseconds after the card was posted. */
  remindAfterMs?: number[];
  /** Additional approvers, and the waiting time after which they are added, in milliseconds. */
  escalate?: { afterMs: number; to: string[] };
  /** False: nobody gets a direct message about a waiting plan. */
  notify?: boolean;
  /** The team to which the user ids belong; unset: the requester's. */
  team?: string;
  /** On Enterprise Grid: the team's organization. Its members count as the team's. */
  enterprise?: string;
  /** Rules for tool calls; the first match applies. */
  tools?: ToolRule[];
  /** Limits of the execution. `DEFAULT_BUDGET` fills in missing parts. */
  budget?: Partial<Budget>;
}

/** Limits for the runs that start. An unset part is unlimited. */
export interface StartLimit {
  /** Runs that are not over. */
  atOnce?: number;
  /** Runs that started within 24 hours. */
  perDay?: number;
}

export interface StartLimits {
  perPerson?: StartLimit;
  /** Counted by the channel of the card. */
  perChannel?: StartLimit;
}

/** The policy file: a default, and overrides by channel id. */
export interface PolicyBook {
  default: ApprovalPolicy;
  channels: Record<string, Partial<ApprovalPolicy>>;
  /** True for a file that names channels and has no `default`: goals are taken in these channels only. */
  channelsOnly?: true;
  /** Rules for tools in every channel. */
  tools?: ToolRule[];
  /** People who may start runs: user ids, user groups, and the words `members` and `anyone`. Unset: `DEFAULT_REQUESTERS`. */
  requesters?: string[];
  limits?: StartLimits;
}

/** Without `requesters` in the policy file: full members of the app's own team or organization. */
export const DEFAULT_REQUESTERS = ['members'];

/** Policy without a policy file: the requester alone approves, within three days. */
export const DEFAULT_POLICY: ApprovalPolicy = {
  approvers: ['requester'],
  approvals: 1,
  requesterMayApprove: true,
  expiresAfterMs: 3 * 86_400_000,
};

/** User ids in each group; null where Slack could not tell, so that nobody counts as a member. */
export type GroupMembers = Record<string, readonly string[] | null>;

/** A person by `users.info`. */
export interface KnownPerson {
  /** Every team and organization of the person; empty when Slack names none, or the app lacks the scope. */
  teams: readonly string[];
  /** True for a guest of a workspace. */
  isGuest?: boolean;
}

/** Slack's answer about the person behind a decision. */
export interface Membership {
  groups?: GroupMembers;
  /**
   * `unknown`: no such person, or one who may not decide (a bot, deactivated, a stranger to the app). `unsure`: Slack couldn't tell. Unset:
   * Slack wasn't asked.
   */
  person?: KnownPerson | 'unknown' | 'unsure';
}

/** Policy of a channel: the default, overridden key by key. */
export function policyFor({ default: base, channels, tools }: PolicyBook, channel: string): ApprovalPolicy {
  const own = channels[channel];
  const budget = { ...base.budget, ...own?.budget };
  return {
    ...base,
    ...own,
    ...(Object.keys(budget).length > 0 && { budget }),
    ...(tools && { tools: tools.filter((line) => line.channels?.includes(channel) ?? true) }),
  };
}

/** Policy for a call that a rule asks about. Nobody is added to a rule's own approvers by an escalation. */
export function policyOfCall(policy: ApprovalPolicy, { approvers, approvals }: Partial<ToolRule> = {}) {
  const { escalate, ...rest } = policy;
  const own: ApprovalPolicy = approvers ? { ...rest, approvers } : policy;
  return approvals === undefined ? own : { ...own, approvals };
}

/** True if the file lets people start runs whose cards are in this channel. */
export function takesGoals({ channelsOnly, channels }: PolicyBook, channel: string): boolean {
  return !channelsOnly || Object.hasOwn(channels, channel);
}

export function isGroup(approver: string): boolean {
  return approver.startsWith('S');
}

/** True for the words that name nobody in particular: `anyone`, and `members` (full members of the policy's own team or organization). */
export function isEverybody(approver: string): boolean {
  return approver === 'anyone' || approver === 'members';
}

/** User groups that a policy names. */
export function groupsOf({ approvers }: Pick<ApprovalPolicy, 'approvers'>): string[] {
  return [...new Set(approvers.filter(isGroup))];
}

/** User groups that the book names: in `requesters`, in any policy or rule, and in escalations. */
export function groupsIn(book: PolicyBook): string[] {
  const policies = [book.default, ...Object.keys(book.channels).map((channel) => policyFor(book, channel))];
  const rules = (book.tools ?? []).map(({ approvers = [] }) => ({ approvers }));
  const named = [{ approvers: book.requesters ?? [] }, ...policies.map(escalated), ...rules];
  return [...new Set(named.flatMap(groupsOf))];
}

/** User ids that a policy names. People of other teams are left out, because a direct message can't reach them. */
export function namedUsers({ approvers }: Pick<ApprovalPolicy, 'approvers'>): string[] {
  return [...new Set(approvers.filter((approver) => /^[UW]/.test(approver)))];
}

/** The policy after its escalation. */
export function escalated(policy: ApprovalPolicy): ApprovalPolicy {
  const more = policy.escalate?.to ?? [];
  return { ...policy, approvers: [...new Set([...policy.approvers, ...more])] };
}

/** The policy of a request that was escalated from the start: no escalation follows. */
export function widened(policy: ApprovalPolicy): ApprovalPolicy {
  const { escalate: _, ...wider } = escalated(policy);
  return wider;
}

/** True if the policy lets this person approve the requester's plan or call. Four eyes excludes the requester even if the policy names them. */
export function mayApprove(
  policy: ApprovalPolicy,
  requester: Person,
  person: Person,
  membership: Membership = {},
): boolean {
  const isRequester = samePerson(requester, person);
  if (isRequester && !policy.requesterMayApprove) return false;
  if (membership.person === 'unknown') return false;
  const known = typeof membership.person === 'object' ? membership.person : undefined;
  const isMember = isHomeMember(policy, requester, person, membership);
  return policy.approvers.some((approver) => {
    // Everybody means everybody whom Slack knows: without a look-up it is nobody.
    if (approver === 'anyone') return known !== undefined;
    if (approver === 'members') return known !== undefined && isMember && !known.isGuest;
    if (approver === 'requester') return isRequester;
    if (approver.includes('/'))
      return teamsOf(person, membership).some((team) => approver === `${team}/${person.user}`);
    if (!isMember) return false;
    return isGroup(approver)
      ? (membership.groups?.[approver]?.includes(person.user) ?? false)
      : approver === person.user;
  });
}

/** True if a person belongs to the team whose ids the policy names, or to that team's organization. */
export function isHomeMember(
  { team, enterprise }: ApprovalPolicy,
  requester: Person,
  person: Person,
  membership: Membership = {},
): boolean {
  const home = team ?? requester.team;
  return teamsOf(person, membership).some((id) => id === home || id === enterprise);
}

/** Teams of a person by `users.info`; without that answer, by the click. */
function teamsOf({ team, enterprise }: Person, { person }: Membership): readonly string[] {
  if (typeof person === 'object' && person.teams.length > 0) return person.teams;
  return enterprise === undefined ? [team] : [team, enterprise];
}

/** True if four eyes excludes a person because they edited the plan or asked for its changes. */
export function editShutsOut(
  { requesterMayApprove }: ApprovalPolicy,
  editors: Person[] | undefined,
  person: Person,
): boolean {
  return !requesterMayApprove && (editors?.some((editor) => samePerson(editor, person)) ?? false);
}

/** Reason why nobody could meet a policy; undefined for a policy that can be met. A policy with a group passes: its members are unknown. */
export function impossible(policy: ApprovalPolicy): string | undefined {
  const { approvers, requesterMayApprove, approvals } = escalated(policy);
  if (approvers.some((approver) => isEverybody(approver) || isGroup(approver))) return undefined;
  const people = new Set(approvers.filter((approver) => approver !== 'requester' || requesterMayApprove));
  if (people.size >= approvals) return undefined;
  const eyes = requesterMayApprove ? '' : ' besides the requester';
  const named = people.size === 0 ? 'nobody' : people.size === 1 ? 'one person' : `${people.size} people`;
  return `asks for ${approvals} ${approvals === 1 ? 'approval' : 'approvals'} and names ${named}${eyes}`;
}
