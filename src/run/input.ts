import type { Decision } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import type { ApprovalPolicy, Budget } from '../approval/policy.js';
import type { Verdict } from '../approval/request.js';
import type { Spent } from './execution/budget.js';
import type { Exchange } from './execution/conversation.js';
import type { ProgressCall, ProgressStep } from './execution/progress.js';
import type { MessageRef, Origin } from './message.js';
import type { PlanRevision, Research, Source, Usage } from './plan.js';

/** The longest goal that `/agent` takes, in characters. */
export const GOAL_LIMIT = 10_000;

/** The argument of the workflow. */
export interface RunInput {
  /** Short id that people see; the workflow id is made from it. */
  shortId: string;
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
  /** Set when the run continues from an execution of the workflow whose history had grown long; `resume` says where. */
  continued?: boolean;
  /** Set when a schedule starts the run: the short id is in the workflow's own. */
  schedule?: string;
  /** Version of the workflow's code that this run must replay under. Unset: the run was started by hand. */
  workflowVersion?: number;
  /** True if the server knows our search attributes; setting one that it doesn't know would wedge the run. */
  searchAttributes?: boolean;
}

/** The finished run that a run follows up on. */
export interface FollowUp {
  shortId: string;
  goal: string;
  /** The plan's. */
  title: string;
  /** Outcome of that run, in Markdown. */
  result: string;
}

/** How far a run had come that failed, or that continues as new. */
export interface ResumePoint {
  research?: Research;
  planned?: PlanRevision;
  /** Changes that were asked for and not yet worked into a new revision. */
  changes?: Decision;
  /** Those who edited the plan by hand so far. */
  editors?: Person[];
  /** Set once a request was escalated: those people may decide about later ones, too. */
  wasEscalated?: boolean;
  /** Set when the plan had been approved: only the execution is left. */
  approved?: Verdict;
  /** Result of the execution, when only its post failed. */
  result?: string;
  /** Usage of the research and the plans: it counts for the result's footer, not for the budget. */
  planning?: Usage;
  /** How far the execution had come. */
  execution?: ExecutionState;
  /** The message that says what failed. */
  card?: MessageRef;
  /** Messages beside it that show the same. */
  copies?: MessageRef[];
  /** Set once the run's channel could not be reached: cards go to people directly. */
  unreachable?: { channel: string; reason: string };
  retriedBy?: Person;
}

/** How far an execution has come. */
export interface ExecutionState {
  exchanges: Exchange[];
  spent: Spent;
  /** The policy's, and what approvers granted since. */
  budget: Budget;
  /** Tools of which people approved every call in this run. */
  approvedTools: string[];
  steps: ProgressStep[];
  /** Calls that belong to no step. */
  otherCalls: ProgressCall[];
  sources: Source[];
  /** The text of turns that were cut at the model's limit, so far. */
  text: string;
  /** The progress message. */
  progress?: MessageRef;
  /** Calls that may have changed something, in order: for the report of a run that is stopped. */
  done: string[];
}
