import type { Decision } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import type { Budget, ToolRule } from '../approval/policy.js';
import type { ApprovalItem, Choice } from '../approval/request.js';
import type { Spent } from './execution/budget.js';
import type { ToolCall } from './execution/tools.js';

/**
 * Subjects of a request. `lost-call`: it is unknown whether a call took place. `budget`: a part of
 * the budget is spent, or too small for the next turn. `rule`: the rule that asks about a call; unset: it asks because the tool may change
 * something.
 */
export type Subject =
  | { kind: 'plan'; title: string }
  | { kind: 'tool-call'; call: ToolCall; stepTitle?: string; rule?: ToolRule }
  | QuestionSubject
  | { kind: 'lost-call'; call: ToolCall; why: string }
  | { kind: 'budget'; part: keyof Budget; budget: Budget; spent: Spent };

/** A question of the model, or of a tool whose call is under way. `choicesOnly`: nobody may answer in their own words. */
export interface QuestionSubject {
  kind: 'question';
  text: string;
  to: 'requester' | 'approvers';
  /** Name of the tool that asks. */
  tool?: string;
  choicesOnly?: boolean;
}

export interface RequestItem extends ApprovalItem {
  subject: Subject;
}

/**
 * A request to people. A plan or a question has one item; the calls of a turn that need approval have one item each. It is plain data, so
 * that a run that continues as new can carry it.
 */
export interface RunRequest {
  /** Unique in the run; buttons carry it. */
  id: string;
  /** Revision of the plan that waits, or that is carried out. */
  revision: number;
  items: RequestItem[];
}

/** A message in the card's thread that shows one item of a request, and takes decisions while the item is open. */
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

/** Text of an answer: the label of the choice, or else the person's own words. */
export function answerText(choices: readonly Choice[], answer: Pick<Decision, 'choice' | 'note'>): string {
  return choices.find(({ id }) => id === answer.choice)?.label ?? answer.note;
}
