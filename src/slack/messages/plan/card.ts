import type { ActionsBlock, KnownBlock } from '@slack/types';
import type { Card, CardState } from '../../../run/card.js';
import { detailsButton, retryButton, stopButton } from '../kit/buttons.js';
import { ACTIONS, type ButtonRef, encodeRef, NOTE } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { context } from '../kit/lines.js';
import { paginate } from '../kit/paginate.js';
import { clip, escapeMrkdwn, mention, moment, plain } from '../kit/text.js';
import { left } from '../private/notices.js';
import { outcomeBlocks } from './outcome.js';
import { goalBlocks, planBlocks } from './plan.js';

/** A card as Slack takes it: the message, and what didn't fit, for its thread. */
export interface CardMessages {
  /** What notifications and screen readers get. */
  text: string;
  blocks: KnownBlock[];
  overflow: KnownBlock[][];
}

/** Draws a card. The buttons are there only while the run waits (or failed and can be tried again). */
export function cardMessages(card: Card, link?: { replaces?: string; result?: string }): CardMessages {
  const [first = [], ...overflow] = paginate([
    ...goalBlocks(card.goal),
    ...(card.planned ? planBlocks(card.planned.plan) : []),
  ]);
  const blocks: KnownBlock[] = [
    { type: 'header', text: plain(headline(card), LIMITS.headerText) },
    context(facts(card, link?.replaces)),
    ...first,
    ...(overflow.length > 0 ? [context('The plan is long: it goes on in the thread.')] : []),
    { type: 'divider' },
    ...outcomeBlocks(card, link?.result),
    ...(card.state.kind === 'waiting' ? decisionBlocks(card, card.state) : []),
    ...(card.state.kind === 'executing' ? [stopBlock(card.runId)] : []),
    ...finishedBlocks(card),
  ];
  return { text: summaryText(card), blocks, overflow };
}

function headline(card: Card): string {
  if (card.planned) return card.planned.plan.title;
  return card.state.kind === 'failed' ? 'The run failed' : 'A run';
}

function facts(card: Card, replaces?: string): string {
  const revision = card.planned?.revision ?? 1;
  const older = replaces ? ` (replaces <${replaces}|revision ${revision - 1}>)` : '';
  return [
    `Asked by ${mention(card.requester.user)}`,
    `run \`${escapeMrkdwn(card.runId)}\``,
    ...(revision > 1 ? [`revision ${revision}${older}`] : []),
    ...(card.planned?.editedBy ? [`edited by ${mention(card.planned.editedBy.user)}`] : []),
    ...(card.state.kind === 'waiting' ? [`expires ${moment(card.state.expiresAt)}${left(card.state)}`] : []),
  ].join(' · ');
}

function summaryText(card: Card): string {
  const title = escapeMrkdwn(clip(card.planned?.plan.title ?? card.goal, 200));
  const words: Record<CardState['kind'], string> = {
    waiting: 'A plan waits for approval',
    executing: 'Approved, being carried out',
    completed: 'Done',
    rejected: 'Rejected',
    changed: 'Changes were requested',
    expired: 'Expired',
    cancelled: 'Cancelled',
    failed: 'Failed',
    retried: 'Being tried again',
    gone: 'Over',
  };
  const { state } = card;
  const edited = state.kind === 'changed' && state.decision.kind === 'edit';
  return `${edited ? 'Edited' : words[state.kind]}: ${title}`;
}

function decisionBlocks(card: Card, state: Extract<CardState, { kind: 'waiting' }>): KnownBlock[] {
  const { runId, planned } = card;
  const ref: ButtonRef = {
    run: runId,
    request: state.requestId,
    revision: planned?.revision ?? 0,
    digest: planned?.digest ?? '',
  };
  const value = encodeRef(ref);
  const actions: ActionsBlock = {
    type: 'actions',
    block_id: 'decision',
    elements: [
      { type: 'button', action_id: ACTIONS.approve, style: 'primary', text: plain('Approve', 75), value },
      { type: 'button', action_id: ACTIONS.reject, style: 'danger', text: plain('Reject', 75), value },
      { type: 'button', action_id: ACTIONS.changes, text: plain('Request changes', 75), value },
      { type: 'button', action_id: ACTIONS.edit, text: plain('Edit plan', 75), value },
      { type: 'button', action_id: ACTIONS.extend, text: plain('Extend', 75), value },
    ],
  };
  return [
    {
      type: 'input',
      block_id: NOTE.block,
      optional: true,
      label: plain('Note for the approval', LIMITS.inputLabel),
      element: { type: 'plain_text_input', action_id: NOTE.action, max_length: 1000 },
    },
    actions,
  ];
}

function stopBlock(runId: string): ActionsBlock {
  return { type: 'actions', block_id: 'running', elements: [stopButton(runId)] };
}

/** A finished card tells the run's whole story on request, and names the end of its chain in the ledger. */
function finishedBlocks({ runId, state }: Card): KnownBlock[] {
  if (!FINISHED.has(state.kind)) return [];
  const retry = state.kind === 'failed' ? [retryButton(runId, state.attempt)] : [];
  const head = 'head' in state ? state.head : undefined;
  return [
    { type: 'actions', block_id: 'finished', elements: [...retry, detailsButton(runId)] },
    ...(head ? [context(`Ledger entry ${head.sequence} · \`${head.hash.slice(0, SHOWN_HASH)}\``)] : []),
  ];
}

const FINISHED = new Set<CardState['kind']>([
  'completed',
  'rejected',
  'expired',
  'cancelled',
  'failed',
  'gone',
]);

/** So many characters of the chain's last hash are shown: enough that nobody finds another entry with them. */
const SHOWN_HASH = 32;
