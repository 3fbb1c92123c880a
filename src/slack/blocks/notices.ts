import type { KnownBlock } from '@slack/types';
import { timeLeft } from '../../core/schedule.js';
import { type Ask, type AskingCard, askOf, titleOf } from './asking.js';
import { openButton } from './buttons.js';
import { context, line } from './lines.js';
import { escapeMrkdwn, mention, moment } from './text.js';
import { icon, outcomeWords } from './told.js';

/** A message, as Slack takes it. */
export interface Words {
  text: string;
  blocks: KnownBlock[];
}

/** Mentions of those who are to decide; `anyone` is nobody in particular. */
export interface Awaited {
  mentions: string[];
  anyone: boolean;
}

/** A line in the card's thread: it still waits, for whom, and how long. `link` leads to what waits, where that isn't the thread's root. */
export function reminderWords(ask: Ask, awaited: Awaited, link?: string): Words {
  const whom = awaited.mentions.join(', ') || (awaited.anyone ? 'anyone here' : 'somebody who may');
  const votes =
    ask.policy.approvals > 1 && ask.for === 'approval'
      ? ` (${ask.votes.length} of ${ask.policy.approvals} so far)`
      : '';
  const text = `:bell: ${whom}: ${ask.what} still waits for your ${ask.for}${votes}. It expires ${moment(ask.expiresAt)}${left(ask)}.${see(link)}`;
  return { text, blocks: [line(text)] };
}

/** A line in the card's thread: more people may approve from now on. */
export function escalationWords(ask: Ask, awaited: Awaited, link?: string): Words {
  const whom = awaited.mentions.join(', ');
  const [done, may] = ask.for === 'approval' ? ['decided', 'approve'] : ['answered', 'answer'];
  const text = `:mega: Nobody has ${done} yet, so from now on ${whom || 'more people'} may ${may} ${ask.what}, too. It expires ${moment(ask.expiresAt)}${left(ask)}.${see(link)}`;
  return { text, blocks: [line(text)] };
}

/** A direct message to an approver: something waits for them, or what became of it. */
export function noticeWords(card: AskingCard, channel: string, link?: string): Words {
  const title = titleOf(card);
  const ask = askOf(card);
  const what = link ? `<${link}|${title}>` : `*${title}*`;
  const text = ask
    ? `${icon(card)} ${what} waits for your ${ask.for}. It expires ${moment(ask.expiresAt)}${left(ask)}.`
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

/** How much time is left, where the card says when that was reckoned. */
export function left({ expiresAt, asOf }: { expiresAt: string; asOf?: string }): string {
  return asOf ? ` (${timeLeft(Date.parse(expiresAt) - Date.parse(asOf))} left)` : '';
}

function see(link: string | undefined): string {
  return link ? ` <${link}|Open it.>` : '';
}
