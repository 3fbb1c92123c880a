import type { Person } from '../approval/person.js';
import type { RunFailure, RunOutcome } from './state.js';

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
  runId: string;
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
