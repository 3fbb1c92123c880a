import type { Decision } from '../approval/decision.js';
import type { Refusal } from '../approval/judge.js';
import type { Person } from '../approval/person.js';
import type { ApprovalPolicy, Budget } from '../approval/policy.js';
import type { Verdict } from '../approval/request.js';
import type { Spent } from './execution/budget.js';
import type { KeptContext } from './execution/context.js';
import type { ProgressCall, ProgressStep } from './execution/progress.js';
import type { ContentBlock, ToolCall } from './execution/tools.js';
import type { MessageRef, Origin } from './message.js';
import type { PlanRevision, Research, Source, Usage } from './plan.js';
import type { RequestItem } from './request.js';
import type { RunFailure } from './state.js';
import type { ThreadContext } from './thread.js';

/** Limit for a goal, in characters. */
export const GOAL_LIMIT = 10_000;

export interface RunInput {
  /** Short id that people see. The workflow id contains it. */
  shortId: string;
  goal: string;
  requester: Person;
  origin: Origin;
  /** Channel of the plan's card. */
  channel: string;
  /** The `ts` of the thread, for a run that was started in a thread. */
  thread?: string;
  followUp?: FollowUp;
  /** The mention that started the run, if its thread or its files are to be read. */
  mention?: MessageRef;
  /** Policy at the start of the run. A later change of the file doesn't weaken a waiting run. */
  policy: ApprovalPolicy;
  resume?: ResumePoint;
  /** Set when the run continues from an execution with a long history; `resume` holds its state. */
  continued?: boolean;
  /** Start of the first execution of a run that continues, ISO 8601. */
  startedAt?: string;
  /** Set when people are asked while the run continues: nothing is posted again, and each deadline stays. */
  waits?: Waits;
  /** Set when the run continues: the channel's policy by the policy file, as it was read last. */
  filePolicy?: ApprovalPolicy;
  /** Set when a schedule starts the run. The workflow id then holds the short id. */
  schedule?: string;
  /** Set when Slack could not say at the start whether the requester may ask. The run waits for the answer before it searches. */
  admission?: 'pending';
  /** Set when the bot can't post the card, and the requester knows. The run fails before it searches. */
  cannotPost?: RunFailure;
  /** Version of the workflow code that this run must replay under. Unset: the run was started by hand. */
  workflowVersion?: number;
  /** True if the server knows the service's search attributes. An unknown attribute would block the workflow. */
  searchAttributes?: boolean;
}

/** The finished run that this run follows up on. */
export interface FollowUp {
  shortId: string;
  goal: string;
  /** Title of its plan. */
  title: string;
  /** Outcome of that run, in Markdown. */
  result: string;
}

/** State of a run that failed, or that continues as new. */
export interface ResumePoint {
  /** The thread as it was read, once: a retry and each revision go on with the same content. */
  threadContext?: ThreadContext;
  research?: Research;
  planned?: PlanRevision;
  /** Requested changes that no revision includes yet. */
  changes?: Decision;
  /** People who edited the plan, or asked for changes. */
  editors?: Person[];
  /** Set after an escalation. The added approvers may decide later requests too. */
  wasEscalated?: boolean;
  /** Set once the plan was approved: only the execution remains. */
  approved?: Verdict;
  /** Result of the execution, when only its post failed. */
  result?: string;
  /** Usage of the research and the plans. It counts in the budget. */
  planning?: Usage;
  /** The policy's budget, plus grants before the execution. */
  budget?: Budget;
  execution?: ExecutionState;
  /** The message that shows the failure. */
  card?: MessageRef;
  /** Set when that message could not be brought to show it: `Retry` is in a private one. */
  isToldPrivately?: true;
  /** Message whose thread takes further messages, where that of the card is gone. */
  thread?: MessageRef;
  /** Set once the thread in which the run was asked for is gone: cards are posted in the channel. */
  isThreadGone?: true;
  /** Copies of that message. */
  copies?: MessageRef[];
  /** People who got such a copy. */
  copied?: string[];
  /** Set once the run's channel was unreachable: people get cards directly. */
  unreachable?: { channel: string; reason: string };
  retriedBy?: Person;
}

/** Requests that wait for people while a run continues as new. */
export interface Waits {
  items: WaitingItem[];
  /** Items of the same requests that were decided before. */
  closed: { request: string; item: string; refusal: Refusal }[];
  /** Items with an outcome that stand in one message with some that wait. */
  decided: { request: string; item: RequestItem }[];
  /** Numbers of refusals, by request, person and reason. */
  refusals: Record<string, number>;
  /** Decisions that came while the run continued. */
  held: Decision[];
  /** The turn of the model whose calls wait. */
  turn?: OpenTurn;
}

export interface WaitingItem {
  request: string;
  revision: number;
  item: RequestItem;
  /** Its message. */
  at: MessageRef;
  /** Moments in milliseconds since the epoch, as in `Timers`. */
  postedAt: number;
  doneUntil: number;
  isEscalated: boolean;
  /** Direct messages about it, and how often such messages were sent. */
  notices: { sent: MessageRef[]; rounds: number };
}

/** A turn of the model whose calls are being answered. */
export interface OpenTurn {
  calls: ToolCall[];
  /** True once the budget covers its calls. */
  isCovered: boolean;
  /** Answers so far, by the calls' ids. */
  answers: Record<string, ContentBlock>;
  /** Calls whose answer was lost, and why. People are asked about them. */
  lost: Record<string, string>;
  /** Time of the longest call so far, in milliseconds: calls run side by side. */
  tookMs: number;
}

export interface ExecutionState extends KeptContext {
  spent: Spent;
  /** The policy's budget, plus the approvers' grants. */
  budget: Budget;
  /** Coverage of approvals of all calls like one (`coverageOf`). */
  approvedCalls: string[];
  /** The channel's policy by the policy file, under which these approvals were asked for. */
  filePolicy?: ApprovalPolicy | undefined;
  steps: ProgressStep[];
  /** Calls that belong to no step. */
  otherCalls: ProgressCall[];
  sources: Source[];
  /** Names of tools that the model's API refused. */
  refusedTools?: string[];
  /** Text so far of turns that were cut at the model's limit. */
  text: string;
  progress?: MessageRef;
  /** Calls that may have changed something, in order. A run that ends early reports them. */
  done: string[];
}
