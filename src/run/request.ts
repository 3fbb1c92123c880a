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
  /** All items that the message shows, where there are several. */
  items?: RequestItem[];
}

export const LOST_CALL_CHOICES: Choice[] = [
  { id: 'happened', label: 'It was done, continue' },
  { id: 'again', label: "It wasn't, run it again" },
  { id: 'stop', label: 'Stop run', forRequester: true },
];

/** Choices about a spent budget. A grant adds the `first` budget once more; its label says how much that is. */
export function budgetChoices(budget: Budget, first: Budget, part: keyof Budget): Choice[] {
  const isFirst = (Object.keys(first) as (keyof Budget)[]).every((each) => budget[each] <= first[each]);
  return [
    { id: 'grant', label: `${isFirst ? 'Double the' : 'Add to the'} budget (${grantText(first, part)})` },
    { id: 'stop', label: 'Stop run', forRequester: true },
  ];
}

/** Amounts of a grant: the spent part, money and time. */
function grantText(first: Budget, part: keyof Budget): string {
  const amount = (number: number) => number.toLocaleString('en-US');
  const own = { turns: 'model replies', toolCalls: 'actions', tokens: 'tokens', costUsd: '', timeMs: '' }[
    part
  ];
  const hours = first.timeMs / 3_600_000;
  const time = hours < 1 ? `+${amount(first.timeMs / 60_000)} min` : `+${amount(hours)} h`;
  return [own && `+${amount(first[part])} ${own}`, `+$${amount(first.costUsd)}`, time]
    .filter(Boolean)
    .join(', ');
}

/** Text of an answer: the label of the choice, the person's own words, or both. */
export function answerText(choices: readonly Choice[], answer: Pick<Decision, 'choice' | 'note'>): string {
  const { note } = answer;
  const label = choices.find(({ id }) => id === answer.choice)?.label;
  if (label === undefined) return note;
  return note.trim() === '' ? label : `${label} (${note.trim()})`;
}
