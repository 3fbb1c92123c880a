import type { Decision } from '../../../approval/judge.js';
import type { Person } from '../../../approval/person.js';
import type { ApprovalPolicy } from '../../../approval/policy.js';
import { askedOf } from '../../../run/asks.js';
import type { Card } from '../../../run/card.js';
import type { QuestionCard, ToolCard } from '../../../run/thread.js';
import { clip, escapeMrkdwn } from '../kit/text.js';
import { askedWords } from '../question/asked.js';
import { toolWords } from '../tool/call.js';

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
