import type { Person } from '../approval/person.js';
import type { RunFailure, RunOutcome } from './state.js';

/** Search attributes: operators filter runs by them in Temporal's UI, where its server knows them. They are not encrypted. */
export const SEARCH_ATTRIBUTES = {
  /** The requester's user id. */
  requester: { name: 'CountersignRequester', type: 'KEYWORD' },
  /** The id of the channel of the run's card. */
  channel: { name: 'CountersignChannel', type: 'KEYWORD' },
  /** The run's state; a new run is `searching` until its card waits. */
  state: { name: 'CountersignState', type: 'KEYWORD' },
  /** The user ids of those who approved. */
  approver: { name: 'CountersignApprover', type: 'KEYWORD_LIST' },
} as const;

/** A run's workflow carries the run's short id in its own. */
export function workflowIdOf(shortId: string): string {
  return `agent-${shortId}`;
}

export function shortIdIn(workflowId: string): string {
  return workflowId.replace(/^agent-/, '');
}

/** Facts of a run that are known without asking a worker. */
export interface RunMemo {
  /** Its beginning. */
  goal: string;
  requester: Person;
  /** Channel of the run's card. */
  channel: string;
  /** Those whom the policy names, and those to whom it may escalate. */
  approvers: string[];
}

/** A run as Temporal's server knows it. */
export interface RunSummary {
  shortId: string;
  memo: RunMemo;
  /** Temporal's own word: RUNNING, COMPLETED, FAILED, TERMINATED, … */
  status: string;
  /** When the run was asked for, however often it was retried or continued as new since. */
  startedAt: Date;
  /** Temporal's id of the newest execution: a run that is retried, or continues as new, gets another one. */
  executionId: string;
  closedAt?: Date;
}

/** End of an execution. `gone`: it was ended from outside, or can't be read. */
export type ExecutionEnd =
  | { kind: 'outcome'; outcome: RunOutcome }
  | { kind: 'failed'; failure: RunFailure }
  | { kind: 'gone'; reason: string };
