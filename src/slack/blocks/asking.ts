import type { Decision } from '../../core/approval.js';
import { askedOf } from '../../core/asks.js';
import type { Card } from '../../core/card.js';
import type { Person } from '../../core/person.js';
import type { ApprovalPolicy } from '../../core/policy.js';
import type { QuestionCard, ToolCard } from '../../core/thread.js';
import { askedWords } from './asked.js';
import { toolWords } from './call.js';
import { clip, escapeMrkdwn } from './text.js';

/** What people can be asked to decide or to answer. */
export type AskingCard = Card | ToolCard | QuestionCard;

/** What a waiting card asks of people. */
export interface Ask {
  /** In a sentence: "this plan". */
  what: string;
  /** What is waited for: "approval". */
  for: 'approval' | 'answer';
  policy: ApprovalPolicy;
  votes: Decision[];
  editors: Person[];
  /** ISO 8601. */
  expiresAt: string;
  asOf?: string;
}

/** What a card asks; undefined once it asks nothing any more. */
export function askOf(card: AskingCard): Ask | undefined {
  if (!('kind' in card)) {
    const { state } = card;
    if (state.kind !== 'waiting') return undefined;
    const { policy, votes, editors = [], expiresAt, asOf } = state;
    return { what: 'this plan', for: 'approval', policy, votes, editors, expiresAt, ...(asOf && { asOf }) };
  }
  const { policy, editors = [] } = card;
  if (card.kind === 'tool-call') {
    if (card.state.kind !== 'waiting') return undefined;
    const { votes, expiresAt } = card.state;
    const what = `the call of ${toolWords(card.call.name)}`;
    return { what, for: 'approval', policy, votes, editors, expiresAt };
  }
  if (card.state.kind !== 'waiting') return undefined;
  const own = askedOf(policy, card.asked);
  return {
    what: 'this question',
    for: 'answer',
    policy: own,
    votes: [],
    editors,
    expiresAt: card.state.expiresAt,
  };
}

/** What a card is about where it isn't shown: a title, in mrkdwn; it can be a link's words, which take no code. */
export function titleOf(card: AskingCard): string {
  if (!('kind' in card)) return escapeMrkdwn(clip(card.planned?.plan.title ?? card.goal, 200));
  const words =
    card.kind === 'tool-call' ? `the call of ${toolWords(card.call.name)}` : askedWords(card.asked);
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`.replaceAll('`', '');
}
