import type { Decision, Refusal, Verdict } from './approval.js';
import type { Person } from './person.js';
import type { Plan, Research } from './plan.js';
import type { ApprovalPolicy } from './policy.js';

/** The longest goal that `/agent` takes, in characters. */
export const GOAL_LIMIT = 10_000;

/** Where a message stands in Slack. */
export interface MessageRef {
  channel: string;
  ts: string;
}

/** Where the command was given, so that the asker can be answered there. */
export interface Origin {
  channel: string;
  /** Slack's `response_url`: five uses within 30 minutes of `at`. */
  responseUrl?: string;
  /** When the command came, ISO 8601. */
  at: string;
}

/** A plan with its place in the run; the digest is the SHA-256 of its canonical form. */
export interface PlanRevision {
  plan: Plan;
  revision: number;
  digest: string;
  /** Set on a revision that a person made. */
  editedBy?: Person;
}

/** What a failed run had reached, so that `Retry` goes on from there. */
export interface ResumePoint {
  research?: Research;
  planned?: PlanRevision;
  /** Changes that were asked for and not yet worked into a new revision. */
  changes?: Decision;
  /** Those who edited the plan by hand so far. */
  editors?: Person[];
  /** Set when the plan had been approved: only the execution is left. */
  approved?: Verdict;
  /** What the execution brought, when only its post failed. */
  result?: string;
  /** The message that says what failed. */
  card?: MessageRef;
  retriedBy?: Person;
}

/** The argument of the workflow. */
export interface RunInput {
  /** Short id that people see; the workflow id is made from it. */
  runId: string;
  goal: string;
  requester: Person;
  origin: Origin;
  /** Channel where the plan is posted. */
  channel: string;
  /** The policy that held when the run started; a later change of the file doesn't weaken a waiting run. */
  policy: ApprovalPolicy;
  resume?: ResumePoint;
  /** Which order of commands the run keeps; a run that began before 0.3 has none. A later version must not change it under a run. */
  edition?: number;
  /** Whether the server knows our search attributes; setting one that it doesn't know would wedge the run. */
  searchAttributes?: boolean;
}

/** The edition of runs that start now. */
export const EDITION = 3;

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
export type RunStep = 'search' | 'plan' | 'post' | 'execution';

/** Why a run failed: the step, and a sentence that a person can act on. */
export interface RunFailure {
  step: RunStep;
  code: string;
  message: string;
}

/** What the workflow returns. A failed run fails the workflow instead, with a `RunFailure` and a `ResumePoint` as details. */
export type RunOutcome =
  | { state: 'completed'; result: string; decision: Decision }
  | { state: 'rejected'; decision: Decision }
  | { state: 'expired' }
  | { state: 'cancelled'; by?: Person };

/** What the query `status` answers. */
export interface RunSnapshot {
  runId: string;
  goal: string;
  state: RunState;
  requester: Person;
  policy: ApprovalPolicy;
  startedAt: string;
  revision: number;
  planTitle?: string;
  card?: MessageRef;
  /** While waiting: when the request expires, ISO 8601. */
  expiresAt?: string;
  votes: Decision[];
  decision?: Decision;
  failure?: RunFailure;
}

/** One entry of the ledger. `key` is unique within a run, so writing it twice leaves one row. */
export interface Checkpoint {
  runId: string;
  key: string;
  kind:
    | 'started'
    | 'searched'
    | 'planned'
    /** A revision waits for people: under which policy, until when. */
    | 'requested'
    | 'posted'
    /** An approval that counted. */
    | 'voted'
    /** An approval that no longer counts, because who gave it is no approver any more. */
    | 'lapsed'
    | 'extended'
    | 'reminded'
    | 'escalated'
    /** Direct messages went out to those whom the policy names. */
    | 'notified'
    | 'decided'
    | 'refused'
    | 'executed'
    | 'ended'
    /** A card could not be brought to its last state. */
    | 'unshown'
    /** A card was brought to its last state afterwards, by the reconciling step. */
    | 'repaired';
  /** When it happened in the workflow, ISO 8601. */
  at: string;
  data: unknown;
}

/** Where a run's chain in the ledger ends: how many entries, and the hash of the last, in hex. */
export interface LedgerHead {
  sequence: number;
  hash: string;
}

/** A decision that did not count, told privately to the person who made it. */
export interface RefusedDecision {
  decision: Decision;
  refusal: Refusal;
}
