import type { Decision } from '../../../approval/judge.js';
import type { Card } from '../../../run/card.js';
import type { QuestionCard, ToolCard } from '../../../run/thread.js';
import { clip, escapeMrkdwn, listed, mention } from '../kit/text.js';
import type { AskingCard } from './asking.js';

const ICONS: Record<string, string> = {
  executing: ':white_check_mark:',
  completed: ':white_check_mark:',
  approved: ':white_check_mark:',
  answered: ':speech_balloon:',
  changed: ':pencil2:',
  rejected: ':no_entry:',
  expired: ':hourglass:',
};

/** What a direct message about a card begins with. */
export function icon(card: AskingCard): string {
  if (card.state.kind !== 'waiting') return ICONS[card.state.kind] ?? ':octagonal_sign:';
  return 'kind' in card && card.kind === 'question' ? ':question:' : ':ballot_box_with_ballot:';
}

/** What became of what was asked, to those who were told that it waits: a sentence without its subject. */
export function outcomeWords(card: AskingCard): string {
  if (!('kind' in card)) return planOutcome(card);
  return card.kind === 'question' ? questionOutcome(card) : toolOutcome(card);
}

function planOutcome({ state }: Card): string {
  switch (state.kind) {
    case 'executing':
    case 'completed':
      return `was approved by ${votersOf(state.votes)}.`;
    case 'rejected':
      return `was rejected by ${mention(state.decision.by.user)}.`;
    case 'changed':
      return state.decision.kind === 'edit'
        ? `was edited by ${mention(state.decision.by.user)}: a new revision follows.`
        : `was sent back for changes by ${mention(state.decision.by.user)}: a new revision follows.`;
    case 'expired':
      return 'expired: it was not decided in time.';
    case 'cancelled':
      return state.why === undefined
        ? `was cancelled${state.by ? ` by ${mention(state.by.user)}` : ''}.`
        : `was stopped: ${escapeMrkdwn(clip(state.why, 300))}.`;
    default:
      return 'no longer waits for you: the run is over.';
  }
}

function toolOutcome({ state }: ToolCard): string {
  switch (state.kind) {
    case 'approved':
      return `was approved by ${votersOf(state.votes)}.`;
    case 'rejected':
      return `was rejected by ${mention(state.decision.by.user)}.`;
    case 'expired':
      return 'expired: it was not decided in time.';
    default:
      return 'no longer waits for you: the run is over.';
  }
}

function questionOutcome({ state }: QuestionCard): string {
  switch (state.kind) {
    case 'answered':
      return `was answered by ${mention(state.answer.by.user)}.`;
    case 'expired':
      return 'expired: nobody answered in time.';
    default:
      return 'no longer waits for you: the run is over.';
  }
}

function votersOf(votes: Decision[]): string {
  return listed(votes.map((vote) => mention(vote.by.user)));
}
