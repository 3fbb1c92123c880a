import type { Decision } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import type { Budget } from '../approval/policy.js';
import type { ApprovalItem, Choice } from '../approval/request.js';
import type { Spent } from './execution/budget.js';
import type { ToolCall } from './execution/tools.js';

/**
 * Kinds of request. `question`: the model's own. `lost-call`: nobody knows whether a call happened. `budget`: a part of the budget is
 * spent, or too small for what comes next.
 */
export type Subject =
  | { kind: 'plan'; title: string }
  | { kind: 'tool-call'; call: ToolCall; stepTitle?: string }
  | { kind: 'question'; text: string; to: 'requester' | 'approvers' }
  | { kind: 'lost-call'; call: ToolCall; why: string }
  | { kind: 'budget'; part: keyof Budget; budget: Budget; spent: Spent };

export interface RequestItem extends ApprovalItem {
  subject: Subject;
}

/**
 * Something that waits for people: a plan and a question have one item, the calls of a turn that are asked about have one each. It is data:
 * a run that goes on as new takes it along.
 */
export interface RunRequest {
  /** Unique in the run; a button carries it. */
  id: string;
  /** Revision of the plan that waits, or that is carried out. */
  revision: number;
  items: RequestItem[];
}

/** A message in the thread of the run's card that shows one item of a request, and takes decisions about it while it waits. */
export interface RequestMessage {
  kind: 'request';
  shortId: string;
  requester: Person;
  request: string;
  revision: number;
  item: RequestItem;
}

export const LOST_CALL_CHOICES: Choice[] = [
  { id: 'happened', label: 'It happened' },
  { id: 'again', label: 'Run it again' },
  { id: 'stop', label: 'Stop', forRequester: true },
];

export const BUDGET_CHOICES: Choice[] = [
  { id: 'grant', label: 'Grant as much again' },
  { id: 'stop', label: 'Stop', forRequester: true },
];

/** Words of an answer: the label of its choice, else the person's own. */
export function answerText(choices: readonly Choice[], answer: Pick<Decision, 'choice' | 'note'>): string {
  return choices.find(({ id }) => id === answer.choice)?.label ?? answer.note;
}
