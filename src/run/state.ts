import type { Decision } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import type { ApprovalPolicy } from '../approval/policy.js';
import type { Spent } from './execution/budget.js';
import type { MessageRef } from './message.js';

export type RunState =
  | 'searching'
  | 'planning'
  | 'waiting'
  | 'executing'
  | 'completed'
  | 'rejected'
  | 'expired'
  | 'cancelled'
  | 'failed';

/** Steps whose failure can end a run. Their names fit into a sentence: "the search failed". */
export const RUN_STEPS = ['search', 'plan', 'post', 'execution'] as const;
export type RunStep = (typeof RUN_STEPS)[number];

/** An open request of an execution. `headline` and `tool` are others' words. */
export type Asked =
  | { kind: 'tool-call'; headline: string }
  | { kind: 'question'; tool?: string }
  | { kind: 'lost-call' | 'budget' };

/** Cause of a failed run: the step, and a sentence that a person can act on. */
export interface RunFailure {
  step: RunStep;
  code: string;
  message: string;
}

/** Result of the workflow. A failed run fails the workflow instead, with a `RunFailure` and a `ResumePoint` as details. */
export type RunOutcome =
  | { state: 'completed'; result: string; decision: Decision }
  | { state: 'rejected'; decision: Decision }
  | { state: 'expired' }
  /** `why`: reason of a cancellation that no person asked for. */
  | { state: 'cancelled'; by?: Person; why?: string };

export const GONE_REASONS = ['terminated', 'timed-out', 'failed', 'unknown'] as const;

/** End of a run that could not record it: Temporal ended the run or no longer knows it. */
export interface GoneOutcome {
  state: 'gone';
  why: (typeof GONE_REASONS)[number];
}

/** End of a run in the ledger. */
export type RunEnd = RunOutcome | { state: 'failed'; failure: RunFailure } | GoneOutcome;

/** Answer of the query `status`. */
export interface RunSnapshot {
  shortId: string;
  goal: string;
  state: RunState;
  requester: Person;
  policy: ApprovalPolicy;
  startedAt: string;
  revision: number;
  planTitle?: string;
  card?: MessageRef;
  /** Expiry of the open plan, ISO 8601. */
  expiresAt?: string;
  votes: Decision[];
  decision?: Decision;
  failure?: RunFailure;
  /** During the execution: the open requests. */
  asking?: Asked[];
  /** Set during the execution, and after. */
  spent?: Spent;
}
