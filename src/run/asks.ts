import type { Decision } from '../approval/judge.js';
import { samePerson } from '../approval/person.js';
import type { ApprovalPolicy } from '../approval/policy.js';
import type { Checkpoint, MessageRef } from './run.js';
import type { Asked } from './thread.js';

/** What waits for people while a plan is carried out. */
export interface OpenAsk {
  /** The tool call's request, or the question. */
  id: string;
  what: 'tool-call' | 'question';
  /** Who may decide or answer. */
  policy: ApprovalPolicy;
  votes: Decision[];
  /** ISO 8601. */
  expiresAt: string;
  /** Its message. */
  at?: MessageRef;
}

/** What entries about tool calls and questions tell. */
export interface AskData {
  request: string;
  question: string;
  /** The same, of an entry about its message. */
  ask: string;
  card: MessageRef;
  asked: Asked;
  policy: ApprovalPolicy;
  expiresAt: string;
  decision: Decision;
}

/** What waits after an entry of the ledger, the oldest first; undefined when the entry is about nothing of the kind. `policy` is the run's. */
export function asksAfter(
  asks: OpenAsk[],
  kind: Checkpoint['kind'],
  told: Partial<AskData>,
  policy: ApprovalPolicy,
): OpenAsk[] | undefined {
  const { request, question, expiresAt, decision } = told;
  if (kind === 'tool-requested' && request && expiresAt) {
    const own = told.policy ?? policy;
    return [...asks, { id: request, what: 'tool-call', policy: own, votes: [], expiresAt }];
  }
  if (kind === 'questioned' && question && expiresAt) {
    const own = askedOf(told.policy ?? policy, told.asked);
    return [...asks, { id: question, what: 'question', policy: own, votes: [], expiresAt }];
  }
  const id = told.ask ?? question ?? request ?? decision?.request;
  const ask = asks.find((open) => open.id === id);
  return ask && asks.flatMap((open) => (open === ask ? changed(ask, kind, told) : open));
}

/** Whom a question is for: the approvers, or the requester alone, whatever the policy says of them. */
export function askedOf(policy: ApprovalPolicy, asked?: Asked): ApprovalPolicy {
  if (asked?.what !== 'ask-person' || asked.to === 'approvers') return policy;
  return { ...policy, approvers: ['requester'], approvals: 1, requesterMayApprove: true };
}

/** An open ask after an entry about it; none when that closed it. */
function changed(ask: OpenAsk, kind: Checkpoint['kind'], told: Partial<AskData>): OpenAsk[] {
  const { decision, policy, expiresAt, card } = told;
  switch (kind) {
    case 'posted':
      return [card ? { ...ask, at: card } : ask];
    case 'tool-voted':
      return [decision ? { ...ask, votes: [...ask.votes, decision] } : ask];
    case 'lapsed':
      return [decision ? { ...ask, votes: ask.votes.filter(({ by }) => !samePerson(by, decision.by)) } : ask];
    case 'escalated':
      return [policy ? { ...ask, policy } : ask];
    case 'extended':
      return [expiresAt ? { ...ask, expiresAt } : ask];
    case 'tool-decided':
    case 'answered':
      return [];
    default:
      return [ask];
  }
}
