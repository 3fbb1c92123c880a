import type { Button, KnownBlock } from '@slack/types';
import type { Card, CardState } from '../../../run/card.js';
import type { Plan } from '../../../run/plan.js';
import {
  actions,
  blockList,
  button,
  context,
  detailsButton,
  noteField,
  retryButton,
  startAgainButton,
} from '../kit/blocks.js';
import { ACTIONS, encodeButton } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { paginate } from '../kit/paginate.js';
import type { MessagePayload } from '../kit/payload.js';
import {
  linkWithDomain,
  listBlocks,
  paragraphBlocks,
  quoteBlocks,
  titledBlocks,
  verbatim,
} from '../kit/rich-text.js';
import { clip, code, escapeMrkdwn, factLine, mention, plain } from '../kit/text.js';
import { expiryText } from '../request/waiting.js';
import { cardStateBlocks } from './card-state.js';
import { readingText, unsearchedText } from './reading.js';

/**
 * Draws a card. Only a waiting run has decision buttons; only a failed one has `Retry`. `links` lead to the result, and to the card of
 * the previous revision. Each part of `overflow` is a message in the card's thread. `isCut`: that part isn't posted yet, so nobody can
 * decide.
 */
export function cardMessage(
  card: Card,
  { isCut = false, ...links }: { replaces?: string; result?: string; isCut?: boolean } = {},
): MessagePayload & { overflow: KnownBlock[][] } {
  const { goal, planned, state } = card;
  const reading = card.read ? readingText(card.read) : '';
  const unsearched = planned && card.unsearched !== undefined && unsearchedText(card.unsearched);
  const content = paginate(
    blockList(
      reading && context(reading),
      unsearched && context(unsearched),
      quoteBlocks(goal),
      planned && planBlocks(planned.plan),
    ),
  );
  const [first = [], ...overflow] = content;
  const bare = state.kind === 'failed' ? 'The run failed' : 'A run';
  const isEdited = state.kind === 'changed' && state.decision.kind === 'edit';
  const summary = isEdited ? 'Edited' : SUMMARIES[state.kind];
  const blocks = blockList(
    { type: 'header', text: plain(planned?.plan.title ?? bare, LIMITS.headerText) },
    context(factsText(card, links.replaces)),
    first,
    overflow.length > 0 && context('The plan is long: it goes on in the thread.'),
    { type: 'divider' },
    cardStateBlocks(card, links.result),
    isCut
      ? context(':large_blue_circle: The rest is being posted. The buttons come when all of it is there.')
      : buttonBlocks(card),
  );
  return { text: `${summary}: ${escapeMrkdwn(clip(planned?.plan.title ?? goal, 200))}`, blocks, overflow };
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

const SUMMARIES: Record<CardState['kind'], string> = {
  waiting: 'A plan waits for approval',
  executing: 'Approved, being carried out',
  completed: 'Done',
  rejected: 'Rejected',
  changed: 'Changes were requested',
  expired: 'Expired',
  cancelled: 'Stopped',
  failed: 'Failed',
  retried: 'Being tried again',
  gone: 'Over',
};

function factsText({ shortId, requester, planned, state }: Card, replaces?: string): string {
  const { revision, editedBy } = planned ?? { revision: 1 };
  const older = replaces ? ` (replaces <${replaces}|revision ${revision - 1}>)` : '';
  return factLine(
    `Asked by ${mention(requester.user)}`,
    `run ${code(shortId)}`,
    revision > 1 && `revision ${revision}${older}`,
    editedBy && `edited by ${mention(editedBy.user)}`,
    state.kind === 'waiting' && `expires ${expiryText(state)}`,
  );
}

/** Shown characters of the chain's last hash. At this length nobody can forge another entry with the same hash. */
const SHOWN_HASH = 32;

/** Buttons and head of a card. A finished card opens the run's history, and shows the head of its chain in the ledger. */
function buttonBlocks(card: Card): KnownBlock[] {
  const { shortId, state } = card;
  if (state.kind === 'waiting') return decisionButtons(card, state);
  if (state.kind === 'executing') return [actions('running', stopButton(shortId))];
  if (state.kind === 'changed' || state.kind === 'retried') return [];
  const retry = state.kind === 'failed' ? [retryButton(shortId, state.executionId)] : [];
  // Nobody stopped the run, and nothing was done: it ended because it could not go on.
  const isStuck = state.kind === 'cancelled' && state.why !== undefined && !state.by && !state.votes.length;
  const again = isStuck ? [startAgainButton(shortId)] : [];
  const head = 'head' in state && state.head;
  return blockList(
    actions('finished', ...retry, ...again, detailsButton(shortId)),
    head && context(`Ledger entry ${head.sequence} · \`${head.hash.slice(0, SHOWN_HASH)}\``),
  );
}

function decisionButtons(
  { shortId: run, planned }: Card,
  { request, item: { id, digest, policy } }: Extract<CardState, { kind: 'waiting' }>,
): KnownBlock[] {
  const value = encodeButton({ run, request, revision: planned?.revision ?? 0, items: [{ id, digest }] });
  return [
    noteField('Note for the approval', policy),
    actions(
      'decision',
      button(ACTIONS.approve, 'Approve', { style: 'primary', value }),
      button(ACTIONS.reject, 'Reject', { style: 'danger', value }),
      button(ACTIONS.changes, 'Request changes', { value }),
      button(ACTIONS.edit, 'Edit plan', { value }),
      button(ACTIONS.extend, 'Extend', { value }),
    ),
  ];
}

/** Button that stops an execution after a confirmation. */
function stopButton(shortId: string): Button {
  return button(ACTIONS.stop, 'Stop', {
    style: 'danger',
    value: JSON.stringify({ run: shortId }),
    confirm: {
      title: 'Stop this run?',
      text: 'What is being done just now is broken off, and what has been done stays done. The thread says how far it came.',
      confirm: 'Stop the run',
      deny: 'Let it go on',
      style: 'danger',
    },
  });
}
