import type { Person } from '../approval/person.js';
import { lengthened, shortened } from './scheduled-id.js';
import type { RunFailure, RunOutcome } from './state.js';

/** Search attributes, by which operators filter runs in Temporal's UI. They are not encrypted. */
export const SEARCH_ATTRIBUTES = {
  /** The requester's user id. */
  requester: { name: 'CountersignRequester', type: 'KEYWORD' },
  /** Id of the channel of the run's card. */
  channel: { name: 'CountersignChannel', type: 'KEYWORD' },
  /** The run's state; a new run is `searching` until its card waits. */
  state: { name: 'CountersignState', type: 'KEYWORD' },
  /** User ids of the approvers who approved. */
  approver: { name: 'CountersignApprover', type: 'KEYWORD_LIST' },
} as const;

/** Makes the workflow id of a run or a schedule from its short id. */
export function workflowIdOf(shortId: string): string {
  return `agent-${lengthened(shortId)}`;
}

export function shortIdIn(workflowId: string): string {
  return shortened(workflowId.replace(/^agent-/, ''));
}

/** Workflow id of the schedule that a run may be of: Temporal appends the due time to it. Any other id stays as it is. */
export function scheduleIdIn(workflowId: string): string {
  return workflowId.replace(/-\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/, '');
}

/** Facts about a run that Temporal's memo holds, so that no worker is needed. */
export interface RunMemo {
  /** Beginning of the goal. */
  goal: string;
  requester: Person;
  /** Channel of the run's card. */
  channel: string;
  /** Ids of the policy's approvers, including its escalation. */
  approvers: string[];
  /** Slack's ids of the team and the app that the run belongs to: `T…/A…`. */
  app?: string;
}

/** A run as Temporal's server describes it. */
export interface RunSummary {
  shortId: string;
  memo: RunMemo;
  /** Temporal's status: RUNNING, COMPLETED, FAILED, TERMINATED, … */
  status: string;
  /** Time of the command. Retries and continuations don't change it. */
  startedAt: Date;
  /** Temporal's id of the newest execution. A retried or continued run has a new one. */
  executionId: string;
  closedAt?: Date;
}

/** End of an execution. `gone`: it was ended from outside, or can't be read. */
export type ExecutionEnd =
  | { kind: 'outcome'; outcome: RunOutcome }
  | { kind: 'failed'; failure: RunFailure }
  | { kind: 'gone'; reason: string };
