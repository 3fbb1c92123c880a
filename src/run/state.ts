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

/** The steps that can fail for good, in the words of a sentence: "the search failed". */
export const RUN_STEPS = ['search', 'plan', 'post', 'execution'] as const;
export type RunStep = (typeof RUN_STEPS)[number];

/** Why a run failed: the step, and a sentence that a person can act on. */
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
  /** `why`: the reason, in words, where nobody cancelled it. */
  | { state: 'cancelled'; by?: Person; why?: string };

export const GONE_REASONS = ['terminated', 'timed-out', 'failed', 'unknown'] as const;

/** The end that the ledger has of a run which could not say so itself: Temporal ended it, or knows nothing of it any more. */
export interface GoneOutcome {
  state: 'gone';
  why: (typeof GONE_REASONS)[number];
}

/** The end of a run, as the ledger has it. */
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
  /** While the plan waits: when its request expires, ISO 8601. */
  expiresAt?: string;
  votes: Decision[];
  decision?: Decision;
  failure?: RunFailure;
  /** While executing: what people are asked just now, in a few words each. */
  asking?: string[];
  /** While executing, and after. */
  spent?: Spent;
}
