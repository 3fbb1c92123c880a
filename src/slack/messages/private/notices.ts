import type { KnownBlock } from '@slack/types';
import { timeLeft } from '../../../approval/request-timers.js';
import { openButton } from '../kit/buttons.js';
import { context, line } from '../kit/lines.js';
import { count, escapeMrkdwn, listed, mention, moment } from '../kit/text.js';
import { type Ask, type AskingCard, askOf, titleOf } from './asking.js';
import { icon, outcomeWords } from './told.js';

/** A message, as Slack takes it. */
export interface Words {
  text: string;
  blocks: KnownBlock[];
}

/** At most so many people get a direct message about something that waits; a group that doesn't fit is mentioned as one. */
export const MAX_NOTICES = 25;

/** So many people and groups are mentioned in one message: as many as a line surely takes. */
export const MENTIONED = 50;

/** Mentions of those who are to decide; `anyone` is nobody in particular. */
export interface Awaited {
  mentions: string[];
  anyone: boolean;
}

/** A line in the card's thread: it still waits, for whom, and how long. `link` leads to what waits, where that isn't the thread's root. */
export function reminderWords(ask: Ask, awaited: Awaited, link?: string): Words {
  const whom = listed(awaited.mentions, MENTIONED) || (awaited.anyone ? 'anyone here' : 'somebody who may');
  const votes = several(ask) ? ` (${ask.votes.length} of ${ask.policy.approvals} so far)` : '';
  const text = `:bell: ${whom}: ${ask.what} still waits for your ${ask.for}${votes}. ${expiry(ask)}${see(link)}`;
  return { text, blocks: [line(text)] };
}

/** A line in the card's thread: more people may approve from now on. */
export function escalationWords(ask: Ask, awaited: Awaited, link?: string): Words {
  const whom = listed(awaited.mentions, MENTIONED);
  const may = ask.for === 'approval' ? 'approve' : 'answer';
  const text = `:mega: ${soFar(ask)}, so from now on ${whom || 'more people'} may ${may} ${ask.what}, too. ${expiry(ask)}${see(link)}`;
  return { text, blocks: [line(text)] };
}

function soFar({ for: what, votes, policy }: Ask): string {
  if (what === 'answer') return 'Nobody has answered yet';
  if (votes.length === 0) return 'Nobody has decided yet';
  return `${votes.length} of ${policy.approvals} approvals so far`;
}

/**
 * A direct message to an approver: something waits for them, or what became of it. `hasApproved`: they have done their part, and it
 * waits for others.
 */
export function noticeWords(
  card: AskingCard,
  channel: string,
  link?: string,
  { hasApproved = false }: { hasApproved?: boolean } = {},
): Words {
  const title = titleOf(card);
  const ask = askOf(card);
  const what = link ? `<${link}|${title}>` : `*${title}*`;
  const text = ask
    ? hasApproved
      ? `:white_check_mark: You approved ${what}; it waits for ${count(missing(ask), 'more approval')}. ${expiry(ask)}`
      : `${icon(card)} ${what} waits for your ${ask.for}. ${expiry(ask)}`
    : `${icon(card)} ${what} ${outcomeWords(card)}`;
  const blocks: KnownBlock[] = [
    line(text),
    context(
      `Asked by ${mention(card.requester.user)}${channel.startsWith('D') ? '' : ` in <#${escapeMrkdwn(channel)}>`} · run \`${escapeMrkdwn(card.runId)}\``,
    ),
  ];
  if (ask && link) {
    blocks.push({ type: 'actions', block_id: 'notice', elements: [openButton('Open the card', link)] });
  }
  return { text, blocks };
}

/** While it waits there is at least one. */
function missing({ votes, policy }: Ask): number {
  return Math.max(policy.approvals - votes.length, 1);
}

function several(ask: Ask): boolean {
  return ask.for === 'approval' && ask.policy.approvals > 1;
}

function expiry(ask: Ask): string {
  return `It expires ${moment(ask.expiresAt)}${left(ask)}.`;
}

/** How much time is left, where the card says when that was reckoned. */
export function left({ expiresAt, asOf }: { expiresAt: string; asOf?: string }): string {
  return asOf ? ` (${timeLeft(Date.parse(expiresAt) - Date.parse(asOf))} left)` : '';
}

function see(link: string | undefined): string {
  return link ? ` <${link}|Open it.>` : '';
}
