import { type Decision, parsePerson } from '../approval/judge.js';
import type { Person } from '../approval/person.js';
import type { ApprovalPolicy } from '../approval/policy.js';
import type { Budget, Spent } from './budget.js';
import type { ToolCall } from './tools.js';

/** Where a tool call stands that people are asked about. Only `waiting` has buttons. */
export type ToolCardState =
  | { kind: 'waiting'; votes: Decision[]; expiresAt: string }
  /** `all`: all like it in this run, too. */
  | { kind: 'approved'; votes: Decision[]; all: boolean }
  | { kind: 'rejected'; decision: Decision }
  | { kind: 'expired'; at: string }
  /** The run ended before anybody decided. */
  | { kind: 'withdrawn' };

/** A tool call that waits for approval, in the thread of the run's card. */
export interface ToolCard {
  kind: 'tool-call';
  runId: string;
  requester: Person;
  requestId: string;
  /** Of the plan that is carried out. */
  revision: number;
  call: ToolCall;
  /** The title of the step that the call belongs to. */
  stepTitle?: string;
  policy: ApprovalPolicy;
  editors?: Person[];
  state: ToolCardState;
}

/** What a person can say to a question; `text` is theirs, or the option's. */
export interface Answer {
  question: string;
  by: Person;
  /** Which of the question's options, from 0; unset for a free answer. */
  option?: number;
  text: string;
  /** When we had it from Slack, ISO 8601. */
  at: string;
}

/**
 * What is asked. `ask-person`: the model's own question. `lost-call`: nobody knows whether a call happened; the options are
 * `LOST_CALL_OPTIONS`. `budget`: a part of the budget is spent; the options are `BUDGET_OPTIONS`.
 */
export type Asked =
  | { what: 'ask-person'; text: string; to: 'requester' | 'approvers' }
  | { what: 'lost-call'; call: ToolCall; why: string }
  | { what: 'budget'; part: keyof Budget; budget: Budget; spent: Spent };

export const LOST_CALL_OPTIONS = ['It happened', 'Run it again', 'Stop'] as const;
export const BUDGET_OPTIONS = ['Grant as much again', 'Stop'] as const;

/** A question to people, in the thread of the run's card. An answer is no approval. */
export interface QuestionCard {
  kind: 'question';
  runId: string;
  requester: Person;
  questionId: string;
  asked: Asked;
  /** Buttons, in this order; may be empty. */
  options: string[];
  /** Whether an answer in one's own words is taken. */
  freeText: boolean;
  policy: ApprovalPolicy;
  editors?: Person[];
  state:
    | { kind: 'waiting'; expiresAt: string }
    | { kind: 'answered'; answer: Answer }
    | { kind: 'expired'; at: string }
    | { kind: 'withdrawn' };
}

export type ProgressStatus = 'pending' | 'in_progress' | 'done' | 'failed';

/** A tool call under its step. `asking`: people are asked about it. */
export interface ProgressCall {
  name: string;
  status: 'asking' | 'in_progress' | 'done' | 'failed' | 'refused';
  /** One line: the arguments, shortened. */
  detail: string;
}

export interface ProgressStep {
  title: string;
  status: ProgressStatus;
  calls: ProgressCall[];
  /** What the model says of it; may be empty. */
  note: string;
}

/** How far the execution is: one message in the thread, which changes as it goes on. */
export interface ProgressCard {
  kind: 'progress';
  runId: string;
  title: string;
  steps: ProgressStep[];
  /** Calls that the model gave no step. */
  other: ProgressCall[];
  state: 'working' | 'waiting' | 'done' | 'stopped' | 'failed';
  spent: Spent;
}

/** What stands in the thread of a run's card. */
export type ThreadMessage = ToolCard | QuestionCard | ProgressCard;

/** Slack's fields take 3000 characters; nothing longer comes from a person. */
const LONGEST_ANSWER = 10_000;

/** Reads a signal's payload, which anyone with access to the namespace may have sent. Undefined when it is no answer. */
export function parseAnswer(payload: unknown): Answer | undefined {
  if (typeof payload !== 'object' || payload === null) return undefined;
  const { question, by, option, text, at } = payload as Record<string, unknown>;
  const person = parsePerson(by);
  if (typeof question !== 'string' || !person) return undefined;
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at))) return undefined;
  const chosen = typeof option === 'number' && Number.isInteger(option) && option >= 0;
  if (!chosen && typeof text !== 'string') return undefined;
  if (typeof text === 'string' && text.length > LONGEST_ANSWER) return undefined;
  return {
    question,
    by: person,
    text: typeof text === 'string' ? text : '',
    at: new Date(at).toISOString(),
    ...(chosen && { option }),
  };
}
