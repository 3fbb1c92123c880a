import type { KnownBlock } from '@slack/types';
import type { Card, CardState } from '../../../run/card.js';
import type { Plan } from '../../../run/plan.js';
import { actions, blockList, context, line } from '../kit/blocks.js';
import { LIMITS } from '../kit/limits.js';
import { paginate } from '../kit/paginate.js';
import type { MessagePayload } from '../kit/payload.js';
import {
  linkWithDomain,
  listBlocks,
  paragraphBlocks,
  quoteBlock,
  quoteBlocks,
  titledBlocks,
  verbatim,
} from '../kit/rich-text.js';
import { code, escapeMrkdwn, factLine, mention, plain } from '../kit/text.js';
import { voteBlocks } from '../request/decisions.js';
import { expiryText } from '../request/waiting.js';
import { askedByText } from './approver-names.js';
import { decisionButtons, stopButton } from './card-buttons.js';
import { foldedBlocks } from './folded-card.js';
import { goalExcerpt } from './goal-excerpt.js';
import { readingText, unsearchedText } from './reading.js';
import { type CardLinks, statusLine, summaryText } from './status-line.js';

const POSTING =
  ":large_blue_circle: *I'm posting the rest in the thread.* The buttons appear when it is complete.";

/**
 * Draws a card: its title, one status line, and the plan while the run waits or works. A finished card and a superseded one are folded. Each part of
 * `overflow` is a message in the card's thread. `isCut`: that part isn't posted yet, so nobody can decide.
 */
export function cardMessage(
  card: Card,
  { isCut = false, ...links }: CardLinks & { isCut?: boolean } = {},
): MessagePayload & { overflow: KnownBlock[][] } {
  const { goal, planned, state } = card;
  const excerpt = goalExcerpt(goal);
  const [first = [], ...rest] = paginate(
    blockList(readingBlock(card), quoteBlock(excerpt.shown), planned && planBlocks(planned.plan)),
  );
  const whole = excerpt.isCut ? paginate(titledBlocks('The whole request', quoteBlocks(goal))) : [];
  const isOpen = state.kind === 'waiting' || state.kind === 'executing';
  const title = planned?.plan.title ?? goal;
  const blocks = blockList(
    { type: 'header', text: plain(title.trim() === '' ? '…' : title, LIMITS.headerText) },
    line(isOpen && isCut ? POSTING : statusLine(card, links)),
    isOpen
      ? [
          context(factsText(card, links.replaces)),
          { type: 'divider' },
          // Rich text stands where it stands in a folded card.
          ...first.filter(({ type }) => type === 'rich_text'),
          ...first.filter(({ type }) => type !== 'rich_text'),
          ...placeBlocks(state, { isGoalCut: excerpt.isCut, isPlanCut: rest.length > 0 }),
          ...(isCut ? [] : openBlocks(card, state)),
        ]
      : foldedBlocks(card, state),
  );
  return { text: summaryText(card), blocks, overflow: [...whole, ...rest] };
}

/** Blocks of the whole plan. Nothing may be hidden from approvers. */
export function planBlocks({ title: name, summary, steps, risks, sources }: Plan): KnownBlock[] {
  const stepItems = steps.map(({ title, detail }) => {
    const bold = verbatim(title, { bold: true });
    return detail.trim() === '' ? [bold] : [bold, verbatim(` — ${detail}`)];
  });
  const riskItems = risks.map((risk) => [verbatim(risk)]);
  const links = sources.map(({ title, url }) => linkWithDomain(title, url));
  return [
    // The header shows no more of a title.
    ...(name.length > LIMITS.headerText ? paragraphBlocks([verbatim(name, { bold: true })]) : []),
    ...(summary.trim() === '' ? [] : paragraphBlocks([verbatim(summary)])),
    ...titledBlocks('Steps', listBlocks('ordered', stepItems)),
    ...titledBlocks('Risks', listBlocks('bullet', riskItems)),
    ...titledBlocks('Sources', listBlocks('bullet', links)),
  ];
}

/** Facts about an open card, in one line. */
function factsText({ shortId, requester, planned, state }: Card, replaces?: string): string {
  const { revision, editedBy } = planned ?? { revision: 1 };
  const older = replaces ? ` (replaces <${replaces}|revision ${revision - 1}>)` : '';
  const item = state.kind === 'waiting' ? state.item : undefined;
  return factLine(
    item && `Decide by ${expiryText({ item })}`,
    askedByText(requester.user, item),
    revision > 1 && `revision ${revision}${older}`,
    editedBy && `edited by ${mention(editedBy.user)}`,
    `run ${code(shortId)}`,
  );
}

/** Says what was read of the request's thread, and why the web was not searched. */
function readingBlock({ read, unsearched, planned }: Card): KnownBlock | undefined {
  const notes = [
    read ? readingText(read) : '',
    planned && unsearched !== undefined ? unsearchedText(unsearched) : '',
  ].filter(Boolean);
  return notes.length > 0 ? context(...notes) : undefined;
}

/** Says what of the request and the plan is in the thread, and why people are asked here. */
function placeBlocks(
  state: CardState,
  { isGoalCut, isPlanCut }: { isGoalCut: boolean; isPlanCut: boolean },
): KnownBlock[] {
  const inThread = [isGoalCut && 'the whole request', isPlanCut && 'the rest of the plan'].filter(Boolean);
  return blockList(
    inThread.length > 0 && context(`:thread: In the thread: ${inThread.join(' and ')}.`),
    state.kind === 'waiting' && state.unreachable && context(unreachableText(state.unreachable)),
  );
}

/** Buttons of a card that waits; approvals and `Stop` of one that works. */
function openBlocks(card: Card, state: CardState): KnownBlock[] {
  if (state.kind === 'waiting') return decisionButtons(card, state);
  if (state.kind !== 'executing') return [];
  return [{ type: 'divider' }, ...voteBlocks(state.votes), actions('running', stopButton(card.shortId))];
}

/** State of an unreachable channel, by Slack's error code. `channel` is a link. */
const UNREACHABLE: Record<string, (channel: string) => string> = {
  is_archived: (channel) => `${channel} is archived`,
  not_in_channel: (channel) => `I'm no longer in ${channel}`,
};

function unreachableText({ channel, reason }: { channel: string; reason: string }): string {
  const why = UNREACHABLE[reason] ?? ((link) => `I can't reach ${link}`);
  return `${why(`<#${escapeMrkdwn(channel)}>`)}, so I'm asking you here.`;
}
