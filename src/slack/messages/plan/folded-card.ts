import type { KnownBlock, RichTextBlockElement } from '@slack/types';
import type { Card, CardState } from '../../../run/card.js';
import type { GoneOutcome } from '../../../run/state.js';
import { actions, context, plainLine } from '../kit/blocks.js';
import { LIMITS } from '../kit/limits.js';
import { list, paragraph, richText, verbatim } from '../kit/rich-text.js';
import { clip, count, factLine, moment, peopleText } from '../kit/text.js';
import { askedByText } from './approver-names.js';
import { endButtons } from './card-buttons.js';

/** A state in which a card no longer shows its plan. */
export type FoldedState = Exclude<CardState, { kind: 'waiting' | 'executing' }>;

/** Limits for the calls of a stopped run: the newest `most`, each in `length` characters. */
const DONE = { most: 5, length: 160 } as const;
/** Limit for the goal, in characters. */
const GOAL = 150;

/**
 * Foot of a folded card: why, by whom, buttons, and the request. Rich text stands at one place in all folded cards, and at that place in open ones.
 * Slack may refuse to replace rich text by other blocks (`block_mismatch`).
 */
export function foldedBlocks(card: Card, state: FoldedState): KnownBlock[] {
  const isPast = state.kind === 'changed' || state.kind === 'retried';
  return [
    reasonBlock(state, card.requester.user),
    isPast ? { type: 'divider' } : actions('finished', ...endButtons(card)),
    richText(...doneElements(state), requestElement(card)),
  ];
}

function reasonBlock(state: FoldedState, requester: string): KnownBlock {
  const fact = (text: string) => context(factLine(text, askedByText(requester)));
  const said = (text: string, otherwise: string) => {
    if (text.trim() === '') return fact(otherwise);
    // A reason as long as the form takes is shown whole.
    const quoted = `“${text.trim()}”`;
    return plainLine(quoted.length > LIMITS.sectionText ? text : quoted, LIMITS.sectionText);
  };
  switch (state.kind) {
    case 'completed':
      return fact(approvedText(state.votes));
    case 'rejected':
      return said(state.decision.note, 'No reason given. Nothing was done.');
    case 'changed':
      return said(state.decision.note, 'Approvals so far no longer count.');
    case 'expired':
      return fact('Nothing was done.');
    case 'cancelled':
      return said(state.why ?? '', state.votes.length > 0 ? approvedText(state.votes) : 'Nothing was done.');
    case 'failed':
      return said(state.failure.message, 'There is no error message.');
    case 'retried':
      return fact('I continue from the step that failed. Nothing is done twice.');
    case 'gone':
      return fact(GONE[state.why]);
  }
}

function approvedText(votes: Extract<CardState, { kind: 'completed' }>['votes']): string {
  const last = votes.at(-1);
  return last ? `Approved by ${peopleText(votes)} · ${moment(last.at)}` : 'Approved';
}

/** Calls of a run that ended during its execution. */
function doneElements(state: FoldedState): RichTextBlockElement[] {
  if (state.kind !== 'cancelled' && state.kind !== 'failed') return [];
  const { done = [], votes } = state;
  if (votes.length === 0) return [];
  if (done.length === 0)
    return state.kind === 'failed' ? [] : [paragraph(verbatim('I had changed nothing.\n'))];
  const newest = done.slice(-DONE.most).map((call) => [verbatim(clip(call, DONE.length))]);
  const earlier = done.length - DONE.most;
  const after = earlier > 0 ? `, after ${count(earlier, 'other action')}` : '';
  return [paragraph(verbatim(`Done before that${after}:`)), list('bullet', newest)];
}

function requestElement({ goal, shortId, planned }: Card): RichTextBlockElement {
  const revision = planned && planned.revision > 1 ? ` · revision ${planned.revision}` : '';
  const shown = clip(goal.replaceAll(/\s+/g, ' ').trim(), GOAL);
  return paragraph(verbatim(`“${shown}”${revision} · run `), verbatim(shortId, { code: true }));
}

/** Reasons for an end that the run could not report itself. */
export const GONE: Record<GoneOutcome['why'], string> = {
  terminated: 'Somebody ended this run outside Slack. I do nothing more.',
  'timed-out': 'This run ran out of time. I do nothing more.',
  failed: 'This run failed because of an error on my server. I do nothing more.',
  unknown: 'My server no longer knows this run. To start it again, use `/agent`.',
};
