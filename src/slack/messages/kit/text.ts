import type { PlainTextElement } from '@slack/types';
import type { Person } from '../../../approval/person.js';
import { type ApprovalPolicy, type Budget, isGroup } from '../../../approval/policy.js';
import { clip } from '../../../platform/cut.js';

export { clip };

/** Escapes text for mrkdwn, so that it can't mention, or link with a label. It can still be bold, for which there is no escape. Source: Slack's "Formatting message text". */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Text as one escaped line, for notifications. `limit` is in characters. */
export function notificationLine(text: string, limit: number): string {
  return escapeMrkdwn(clip(text.replaceAll(/\s+/g, ' '), limit));
}

/** Other people's text as one line of mrkdwn, in code style. `limit` is in characters. */
export function oneLine(text: string, limit: number): string {
  return code(clip(text.replaceAll(/\s+/g, ' '), limit));
}

/** Text in mrkdwn's code style, in which it can't mention, link or end the style. */
export function code(text: string): string {
  return `\`${escapeMrkdwn(text.replaceAll(/[`\s]+/g, ' ').trim() || ' ')}\``;
}

export function plain(text: string, limit: number): PlainTextElement {
  return { type: 'plain_text', text: clip(text, limit), emoji: false };
}

/** Joins the given facts: "run x · revision 2". */
export function factLine(...facts: (string | false | undefined)[]): string {
  return facts.filter(Boolean).join(' · ');
}

/** Limit for a shown id, in characters. Slack's ids have about 12; a forged one may be longer. */
const ID_LENGTH = 30;

/** A moment in the reader's time zone. A string must be ISO 8601; any other is shown as text. */
export function moment(at: string | Date, day = '{date_short_pretty}'): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return escapeMrkdwn(clip(String(at), ID_LENGTH));
  return `<!date^${Math.floor(date.getTime() / 1000)}^${day} at {time}|${date.toISOString()}>`;
}

/** A deadline in the reader's time zone, with its weekday: "Sunday, November 29th, 2026 at 10:41 AM", or "today at 10:41 AM". Source as above. */
export function deadline(at: string | Date): string {
  return moment(at, '{date_long_pretty}');
}

/** A day with its weekday, and its time, in the reader's time zone. Source: Slack's "Formatting message text", date formatting. */
export function dayAndTime(at: Date): string {
  return `<!date^${Math.floor(at.getTime() / 1000)}^{date_long} at {time}|${at.toUTCString()}>`;
}

/** Mentions a person. `user` must be an id from Slack. */
export function mention(user: string): string {
  return `<@${clip(escapeMrkdwn(user), ID_LENGTH)}>`;
}

/** Mentions a user group. `group` must be an id from Slack. */
export function groupMention(group: string): string {
  return `<!subteam^${clip(escapeMrkdwn(group), ID_LENGTH)}>`;
}

/** Limit for the people named in a line. */
export const NAMED = 20;

/** Joins mentions: "@a, @b and 210 more". */
export function joinMentions(mentions: string[], most: number = NAMED): string {
  const shown = mentions.slice(0, most).join(', ');
  return mentions.length > most ? `${shown} and ${digits(mentions.length - most)} more` : shown;
}

/** Mentions people in a line. */
export function peopleText(people: readonly { by: Person }[]): string {
  return joinMentions(people.map(({ by }) => mention(by.user)));
}

/** An approver of a policy, as a mention or in words. `requester` is a user id. */
export function approverMention(approver: string, requester: string): string {
  if (approver === 'anyone') return 'anyone here';
  if (approver === 'members') return 'any member of this workspace';
  if (approver === 'requester') return mention(requester);
  return isGroup(approver) ? groupMention(approver) : mention(approver.split('/').at(-1) ?? approver);
}

/** Limit for the named editors of a plan. */
const EDITORS = 5;

/** Names the people who may decide. `requester` is a user id. */
export function approversText(policy: ApprovalPolicy, requester: string, editors: Person[] = []): string {
  const approvers = policy.approvers.map((approver) => approverMention(approver, requester));
  const named = joinMentions([...new Set(approvers)]);
  if (policy.requesterMayApprove) return named;
  const edited = editors.filter(({ user }) => user !== requester).map(({ user }) => mention(user));
  const orEdited = edited.length > 0 ? `, nor ${joinMentions(edited, EDITORS)}, who changed the plan` : '';
  return `${named} (not ${mention(requester)}, who asked${orEdited})`;
}

/** States a policy's number of approvals and its approvers. */
export function policyText({ approvers, approvals, requesterMayApprove }: ApprovalPolicy): string {
  const named = approvers.map((each) =>
    each === 'requester' ? 'the person who asked' : approverMention(each, ''),
  );
  return `${count(approvals, 'approval')} of ${joinMentions(named)}${requesterMayApprove ? '' : ', but not from the person who asked'}`;
}

/** Formats a number: "2,000". */
export function digits(number: number): string {
  return number.toLocaleString('en-US');
}

/** "1 step", "2,000 steps". */
export function count(number: number, noun: string): string {
  return `${digits(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/** Dollars with two significant digits: "about $0.031". */
export function costText(usd: number): string {
  const rounded = usd.toLocaleString('en-US', { maximumSignificantDigits: 2 });
  return `about $${/\.\d$/.test(rounded) ? `${rounded}0` : rounded}`;
}

/** Formats milliseconds: "45 s", "12 min", "1 h 5 min". */
export function durationText(ms: number): string {
  if (ms < 60_000) return `${Math.max(Math.round(ms / 1_000), 1)} s`;
  const minutes = Math.round(ms / 60_000);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

/** Formats an amount of each part of a budget. */
export const AMOUNTS: Record<keyof Budget, (amount: number) => string> = {
  turns: (amount) => (amount === 1 ? '1 model reply' : `${digits(amount)} model replies`),
  toolCalls: (amount) => count(amount, 'action'),
  tokens: (amount) => count(amount, 'token'),
  costUsd: (amount) => (amount === 0 ? '$0' : costText(amount)),
  timeMs: (amount) => (amount === 0 ? 'no time' : durationText(amount)),
};

/** Used share of one part of a budget: "12 of 50". */
export function shareText(part: keyof Budget, spent: Budget, budget: Budget): string {
  const [used, most] = [spent[part], budget[part]];
  if (part === 'costUsd') return `${AMOUNTS.costUsd(used)} of $${digits(most)}`;
  if (part === 'timeMs') return `${AMOUNTS.timeMs(used)} of ${durationText(most)}`;
  return `${digits(used)} of ${digits(most)}`;
}

/** Usage of a run so far. Tokens that cost nothing are those of a model without a price. */
export function spentText({ turns, toolCalls, tokens, costUsd }: Omit<Budget, 'timeMs'>): string {
  return factLine(
    AMOUNTS.turns(turns),
    AMOUNTS.toolCalls(toolCalls),
    AMOUNTS.tokens(tokens),
    costUsd > 0 ? costText(costUsd) : tokens > 0 && 'cost unknown',
  );
}
