import type { OpenItem, RunView } from '../../../run/run-view.js';
import { approverMention, count, joinMentions, mention } from '../kit/text.js';

/** Limit for the people whom a state names. */
const NAMED = 5;

/** Fact about a run that a schedule started. */
export const FROM_SCHEDULE = 'from a schedule';

/** State of a run in a few words, in mrkdwn: ":large_yellow_circle: Waiting for @Ben (1 of 2)". */
export function stateText(run: RunView): string {
  const by = run.endedBy ? ` by ${mention(run.endedBy.user)}` : '';
  const texts: Record<RunView['state'], () => string> = {
    working: () => ':large_blue_circle: Planning',
    waiting: () => waitingText(run),
    executing: () => ':large_blue_circle: Working',
    completed: () => ':white_check_mark: Done',
    rejected: () => `:no_entry: Rejected${by}`,
    expired: () => ':alarm_clock: Expired: nobody decided in time',
    cancelled: () => `:octagonal_sign: Stopped${by}`,
    failed: () => ':warning: Failed',
    gone: () => ':octagonal_sign: Ended outside Slack',
  };
  return texts[run.state]();
}

/** Open items, and the people they wait for. A plan waits alone; actions and questions may wait side by side. */
function waitingText({ open, requester }: RunView): string {
  const plan = open.find(isPlan);
  const people = joinMentions([...new Set(open.flatMap((item) => pendingIn(item, requester.user)))], NAMED);
  const whom = people === '' ? '' : ` for ${people}`;
  if (plan) return `:large_yellow_circle: Waiting${whom}${votesText(plan)}`;
  const verb = open.length === 1 ? 'waits' : 'wait';
  return `:large_yellow_circle: ${askedText(open)} ${verb}${whom}`;
}

/** Names open items in the thread: "2 actions and 1 question". */
export function askedText(open: readonly OpenItem[]): string {
  const calls = open.filter(({ subject }) => subject === 'tool-call').length;
  const questions = open.length - calls;
  return [calls > 0 && count(calls, 'action'), questions > 0 && count(questions, 'question')]
    .filter(Boolean)
    .join(' and ');
}

export function votesText({ votes, policy }: Pick<OpenItem, 'votes' | 'policy'>): string {
  return policy.approvals > 1 ? ` (${votes.length} of ${policy.approvals})` : '';
}

export function isPlan({ subject }: OpenItem): boolean {
  return subject === 'plan';
}

/** Mentions of those who can still decide an item. Members of a group who have voted aren't known here. */
function pendingIn({ policy, votes, editors = [] }: OpenItem, requester: string): string[] {
  const out = [...votes.map(({ by }) => by.user)];
  if (!policy.requesterMayApprove) out.push(requester, ...editors.map(({ user }) => user));
  return policy.approvers
    .map((approver) => approverMention(approver, requester))
    .filter((named) => !out.some((user) => named === mention(user)));
}
