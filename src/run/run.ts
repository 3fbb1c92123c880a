import type { Decision, Refusal, Verdict } from '../approval/judge.js';
import type { Person } from '../approval/person.js';
import type { ApprovalPolicy } from '../approval/policy.js';
import type { Budget, Spent } from './budget.js';
import type { Exchange } from './conversation.js';
import type { Plan, Research, Source, Usage } from './plan.js';
import type { ProgressCall, ProgressStep } from './thread.js';

/** The longest goal that `/agent` takes, in characters. */
export const GOAL_LIMIT = 10_000;

/** Where a message stands in Slack. */
export interface MessageRef {
  channel: string;
  ts: string;
  /** The `ts` of the thread that it is a reply in. What belongs under it goes into that thread. */
  thread?: string;
}

/** Where the command was given, so that the asker can be answered there. */
export interface Origin {
  channel: string;
  /** The thread in it, for a run that was asked for in a thread. */
  thread?: string;
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
  /** What the research and the plans used up: it counts for the result's footer, not for the budget. */
  planning?: Usage;
  /** How far the execution had come. */
  execution?: ExecutionState;
  /** The message that says what failed. */
  card?: MessageRef;
  retriedBy?: Person;
}

/** How far an execution has come: what goes along when it goes on as a new run of the workflow, or is tried again. */
export interface ExecutionState {
  exchanges: Exchange[];
  spent: Spent;
  /** The policy's, and what approvers granted since. */
  budget: Budget;
  /** Tools of which people approved all calls in this run. */
  standing: string[];
  steps: ProgressStep[];
  /** Calls that belong to no step. */
  other: ProgressCall[];
  sources: Source[];
  /** The text of turns that were cut at the model's limit, so far. */
  text: string;
  /** The progress message. */
  progress?: MessageRef;
  /** Calls that may have changed something, in order: for the report of a run that is stopped. */
  done: string[];
}

/** The finished run that a run follows up on. */
export interface FollowUp {
  runId: string;
  goal: string;
  /** The plan's. */
  title: string;
  /** What came of it, in Markdown. */
  result: string;
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
  /** The `ts` of the thread in it, for a run that was asked for in a thread. */
  thread?: string;
  followUp?: FollowUp;
  /** The policy that held when the run started; a later change of the file doesn't weaken a waiting run. */
  policy: ApprovalPolicy;
  resume?: ResumePoint;
  /** It goes on from an earlier run of the workflow, whose history had grown long; `resume` says where. */
  continued?: boolean;
  /** Set when a schedule starts it: the run's id is the workflow's own. */
  schedule?: string;
  /** Version of the workflow's code that this run must replay under. Unset: it was started by hand. */
  workflowVersion?: number;
  /** Which order of commands the run keeps; a run that began before 0.3 has none. A later version must not change it under a run. */
  edition?: number;
  /** Whether the server knows our search attributes; setting one that it doesn't know would wedge the run. */
  searchAttributes?: boolean;
}

/** The edition of runs that start now. */
export const EDITION = 4;

/** From this edition on, a plan is carried out turn by turn, with tools. */
export const TURNS_EDITION = 4;

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
  /** `why`: what it stopped at, in words, where nobody cancelled it. */
  | { state: 'cancelled'; by?: Person; why?: string };

/** The end that the ledger has of a run which could not say so itself: Temporal ended it, or knows nothing of it any more. */
export interface GoneOutcome {
  state: 'gone';
  why: 'terminated' | 'timed-out' | 'failed' | 'unknown';
}

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
  /** While executing: what people are asked just now, in a few words each. */
  asking?: string[];
  /** While executing, and after. */
  spent?: Spent;
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
    /** A turn of the model in an execution: what it said, and which calls it wants. */
    | 'turned'
    /** People are asked about a tool call. */
    | 'tool-requested'
    /** An approval of it that counted. */
    | 'tool-voted'
    /** They decided about it. */
    | 'tool-decided'
    /** A tool call was made, or refused: with what came of it. */
    | 'tool-called'
    /** People were asked a question. */
    | 'questioned'
    | 'answered'
    /** An approver granted more of the budget. */
    | 'granted'
    /** The run goes on in a new run of its workflow. */
    | 'continued'
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

/** The same as it is kept outside the database. */
export interface KeptHead extends LedgerHead {
  /** Set when the run was over then, and which of the two says so; else the run may go on, or was ended from outside. */
  end?: 'memo' | 'card';
}

/** A decision that did not count, told privately to the person who made it. */
export interface RefusedDecision {
  decision: Decision;
  refusal: Refusal;
}
