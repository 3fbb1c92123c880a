import type { KnownBlock } from '@slack/types';
import type { Card, CardState } from '../../core/card.js';
import { timeLeft } from '../../core/schedule.js';
import { openButton } from './buttons.js';
import { context, line } from './lines.js';
import { clip, escapeMrkdwn, mention, moment } from './text.js';

/** A message, as Slack takes it. */
export interface Words {
  text: string;
  blocks: KnownBlock[];
}

type WaitingState = Extract<CardState, { kind: 'waiting' }>;

/** Mentions of those who are to decide; `anyone` is nobody in particular. */
export interface Awaited {
  mentions: string[];
  anyone: boolean;
}

/** A line in the card's thread: the plan still waits, for whom, and how long. */
export function reminderWords(state: WaitingState, awaited: Awaited): Words {
  const whom = awaited.mentions.join(', ') || (awaited.anyone ? 'anyone here' : 'somebody who may');
  const votes =
    state.policy.approvals > 1 ? ` (${state.votes.length} of ${state.policy.approvals} so far)` : '';
  const text = `:bell: ${whom}: this plan still waits for your approval${votes}. It expires ${moment(state.expiresAt)}${left(state)}.`;
  return { text, blocks: [line(text)] };
}

/** A line in the card's thread: more people may approve from now on. */
export function escalationWords(state: WaitingState, awaited: Awaited): Words {
  const whom = awaited.mentions.join(', ');
  const text = `:mega: Nobody has decided yet, so from now on ${whom || 'more people'} may approve this plan, too. It expires ${moment(state.expiresAt)}${left(state)}.`;
  return { text, blocks: [line(text)] };
}

/** A direct message to an approver: something waits for them. */
export function noticeWords(card: Card, channel: string, link?: string): Words {
  const title = escapeMrkdwn(clip(card.planned?.plan.title ?? card.goal, 200));
  const what = link ? `<${link}|${title}>` : `*${title}*`;
  const { state } = card;
  const text = `${ICONS[state.kind] ?? ':octagonal_sign:'} ${what} ${noticeState(card)}`;
  const blocks: KnownBlock[] = [
    line(text),
    context(
      `Asked by ${mention(card.requester.user)}${channel.startsWith('D') ? '' : ` in <#${escapeMrkdwn(channel)}>`} · run \`${escapeMrkdwn(card.runId)}\``,
    ),
  ];
  if (state.kind === 'waiting' && link) {
    blocks.push({ type: 'actions', block_id: 'notice', elements: [openButton('Open the card', link)] });
  }
  return { text, blocks };
}

const ICONS: Partial<Record<CardState['kind'], string>> = {
  waiting: ':ballot_box_with_ballot:',
  executing: ':white_check_mark:',
  completed: ':white_check_mark:',
  changed: ':pencil2:',
  rejected: ':no_entry:',
  expired: ':hourglass:',
};

function noticeState({ state }: Card): string {
  switch (state.kind) {
    case 'waiting':
      return `waits for your approval. It expires ${moment(state.expiresAt)}${left(state)}.`;
    case 'executing':
    case 'completed':
      return `was approved by ${state.votes.map((vote) => mention(vote.by.user)).join(', ')}.`;
    case 'rejected':
      return `was rejected by ${mention(state.decision.by.user)}.`;
    case 'changed':
      return state.decision.kind === 'edit'
        ? `was edited by ${mention(state.decision.by.user)}: a new revision follows.`
        : `was sent back for changes by ${mention(state.decision.by.user)}: a new revision follows.`;
    case 'expired':
      return 'expired: nobody decided in time.';
    case 'cancelled':
      return `was cancelled${state.by ? ` by ${mention(state.by.user)}` : ''}.`;
    default:
      return 'no longer waits for you: the run is over.';
  }
}

/** How much time is left, where the card says when that was reckoned. */
export function left({ expiresAt, asOf }: { expiresAt: string; asOf?: string }): string {
  return asOf ? ` (${timeLeft(Date.parse(expiresAt) - Date.parse(asOf))} left)` : '';
}
