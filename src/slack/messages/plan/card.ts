import type { KnownBlock } from '@slack/types';
import type { Card, CardState } from '../../../run/card.js';
import { actions, button, context } from '../kit/blocks.js';
import { detailsButton, noteField, retryButton, stopButton } from '../kit/buttons.js';
import { ACTIONS, encodeButton } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { paginate } from '../kit/paginate.js';
import type { MessagePayload } from '../kit/payload.js';
import { clip, escapeMrkdwn, mention, plain } from '../kit/text.js';
import { expiryText } from '../request/waiting.js';
import { cardStateBlocks } from './card-state.js';
import { goalBlocks, planBlocks } from './plan-blocks.js';

/** A card; `overflow` goes into its thread, a message each. */
export interface CardPayload extends MessagePayload {
  overflow: KnownBlock[][];
}

/** Addresses of the messages that a card leads to. */
export interface CardLinks {
  /** The card of the revision before. */
  replaces?: string;
  result?: string;
}

/** Draws a card. The buttons are there only while the run waits (or failed and can be tried again). */
export function cardMessage(card: Card, links: CardLinks = {}): CardPayload {
  const { runId, goal, planned, state } = card;
  const [first = [], ...overflow] = paginate([
    ...goalBlocks(goal),
    ...(planned ? planBlocks(planned.plan) : []),
  ]);
  const blocks: KnownBlock[] = [
    { type: 'header', text: plain(headline(card), LIMITS.headerText) },
    context(factsText(card, links.replaces)),
    ...first,
    ...(overflow.length > 0 ? [context('The plan is long: it goes on in the thread.')] : []),
    { type: 'divider' },
    ...cardStateBlocks(card, links.result),
    ...(state.kind === 'waiting' ? decisionButtons(card, state) : []),
    ...(state.kind === 'executing' ? [actions([stopButton(runId)], 'running')] : []),
    ...finishedBlocks(card),
  ];
  return { text: summaryText(card), blocks, overflow };
}

function headline({ planned, state }: Card): string {
  if (planned) return planned.plan.title;
  return state.kind === 'failed' ? 'The run failed' : 'A run';
}

function factsText({ runId, requester, planned, state }: Card, replaces?: string): string {
  const revision = planned?.revision ?? 1;
  const older = replaces ? ` (replaces <${replaces}|revision ${revision - 1}>)` : '';
  return [
    `Asked by ${mention(requester.user)}`,
    `run \`${escapeMrkdwn(runId)}\``,
    ...(revision > 1 ? [`revision ${revision}${older}`] : []),
    ...(planned?.editedBy ? [`edited by ${mention(planned.editedBy.user)}`] : []),
    ...(state.kind === 'waiting' ? [`expires ${expiryText(state)}`] : []),
  ].join(' · ');
}

const SUMMARIES: Record<CardState['kind'], string> = {
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

function summaryText({ planned, goal, state }: Card): string {
  const isEdited = state.kind === 'changed' && state.decision.kind === 'edit';
  const summary = isEdited ? 'Edited' : SUMMARIES[state.kind];
  return `${summary}: ${escapeMrkdwn(clip(planned?.plan.title ?? goal, 200))}`;
}

function decisionButtons(
  { runId: run, planned }: Card,
  { request, item }: Extract<CardState, { kind: 'waiting' }>,
): KnownBlock[] {
  const items = [{ id: item.id, digest: item.digest }];
  const value = encodeButton({ run, request, revision: planned?.revision ?? 0, items });
  return [
    noteField('Note for the approval'),
    actions(
      [
        button(ACTIONS.approve, 'Approve', { style: 'primary', value }),
        button(ACTIONS.reject, 'Reject', { style: 'danger', value }),
        button(ACTIONS.changes, 'Request changes', { value }),
        button(ACTIONS.edit, 'Edit plan', { value }),
        button(ACTIONS.extend, 'Extend', { value }),
      ],
      'decision',
    ),
  ];
}

const FINISHED: readonly CardState['kind'][] = [
  'completed',
  'rejected',
  'expired',
  'cancelled',
  'failed',
  'gone',
];

/** Shown characters of the chain's last hash: enough that nobody finds another entry with them. */
const SHOWN_HASH = 32;

/** A finished card leads to the run's whole story, and names the end of its chain in the ledger. */
function finishedBlocks({ runId, state }: Card): KnownBlock[] {
  if (!FINISHED.includes(state.kind)) return [];
  const retry = state.kind === 'failed' ? [retryButton(runId, state.executionId)] : [];
  const head = 'head' in state ? state.head : undefined;
  return [
    actions([...retry, detailsButton(runId)], 'finished'),
    ...(head ? [context(`Ledger entry ${head.sequence} · \`${head.hash.slice(0, SHOWN_HASH)}\``)] : []),
  ];
}
