import type { Evidence } from '../approval/judge.js';
import type { Person } from '../approval/person.js';
import type { ApprovalPolicy } from '../approval/policy.js';
import type { Card } from '../run/card.js';
import type { Assignment, Exchange, Turn } from '../run/conversation.js';
import type { Plan, PlanBrief, Research, Source, Usage } from '../run/plan.js';
import type {
  Checkpoint,
  LedgerHead,
  MessageRef,
  Origin,
  PlanRevision,
  RefusedDecision,
  RunFailure,
} from '../run/run.js';
import type { QuestionCard, ThreadMessage, ToolCard } from '../run/thread.js';
import type { ToolCall, ToolResult, ToolRule } from '../run/tools.js';

/** Requests to `callLlm` and its answers, by task. */
interface LlmTasks {
  /** Write a plan, or a new revision of one. `rules`: the policy's rules for tools. */
  plan: { request: PlanBrief & { rules: ToolRule[] }; answer: { plan: Plan; digest: string; usage: Usage } };
  /** Take one turn of the execution; `exchanges` is what was said since the assignment. */
  turn: {
    request: {
      goal: string;
      planned: PlanRevision;
      approval: Assignment['approval'];
      exchanges: Exchange[];
      rules: ToolRule[];
    };
    answer: Turn;
  };
}

export type LlmTask = keyof LlmTasks;
export type LlmRequest<T extends LlmTask> = { task: T } & LlmTasks[T]['request'];
export type LlmAnswer<T extends LlmTask> = LlmTasks[T]['answer'];

/** A message that only one person sees. */
export type PrivateWord =
  /** `who`: those who can approve, for whom it isn't clear. */
  | {
      kind: 'refused';
      refused: RefusedDecision;
      card?: MessageRef;
      who?: { policy: ApprovalPolicy; requester: Person; editors?: Person[] };
    }
  | { kind: 'cannot-cancel'; requester: Person }
  /** `who`: those who may answer. */
  | { kind: 'cannot-answer'; question: QuestionCard }
  | { kind: 'cannot-post'; channel: string; failure: RunFailure; attempt: string };

/** The figures in the result's footer. */
export interface ResultReport {
  /** Of the whole run, the research and the plans too. */
  usage: { turns: number; toolCalls: number; tokens: number; costUsd: number };
  /** From the approval to the result, in milliseconds. */
  tookMs: number;
  sources: Source[];
}

/** Cards on which people decide or answer. */
export type AskingCard = Card | ToolCard | QuestionCard;

/** The activities, by the names that the history shows. */
export interface Activities {
  searchWeb(input: { goal: string }): Promise<{ research: Research; usage: Usage }>;
  callLlm<T extends LlmTask>(request: LlmRequest<T>): Promise<LlmAnswer<T>>;
  /**
   * Makes a tool call whose digest is checked first. What the tool itself says went wrong is a result. It fails with type
   * `AnswerLost` when nobody knows whether the call happened, `ToolChanged` when it is not what was judged.
   */
  callTool(call: ToolCall): Promise<ToolResult>;
  /** Resolves with where the run's chain ends; before 0.3 with nothing. */
  persistCheckpoint(entries: Checkpoint[]): Promise<LedgerHead | undefined>;
  /** Posts a card once: `key` is kept in the message's metadata, and a second attempt looks for it first. */
  postCard(input: {
    channel: string;
    /** The thread in it, for a run that was asked for in a thread. */
    thread?: string;
    key: string;
    card: Card;
    replaces?: MessageRef;
    /** The revision before this one: the thread shows what has changed. */
    previous?: PlanRevision;
  }): Promise<MessageRef>;
  updateCard(input: { ref: MessageRef; card: Card }): Promise<void>;
  /** Posts the result under the card, in as many messages as Slack's limits ask for; returns the first. */
  postResult(input: {
    thread: MessageRef;
    key: string;
    runId: string;
    requester: Person;
    text: string;
    /** Shown under the result: what it cost, how long it took. */
    report?: ResultReport;
  }): Promise<MessageRef>;
  /** Posts a message in the card's thread, once. */
  postInThread(input: { thread: MessageRef; key: string; message: ThreadMessage }): Promise<MessageRef>;
  updateInThread(input: { ref: MessageRef; message: ThreadMessage }): Promise<void>;
  /** Asks Slack who is in the groups, and whether there is such a person; `fresh` past what is remembered for a moment. */
  lookUp(question: { groups: string[]; person?: Person; fresh: boolean }): Promise<Evidence>;
  /** The digest of a plan that a person made. */
  digestPlan(plan: Plan): Promise<string>;
  /** Mentions, in the card's thread, those who can approve and haven't; returns their ids. `at`: where the request stands, if not at the thread's root. */
  remindApprovers(input: {
    what: 'reminder' | 'escalation';
    thread: MessageRef;
    key: string;
    card: AskingCard;
    at?: MessageRef;
  }): Promise<string[]>;
  /** Sends a direct message to each of those whom the policy names, but for those who were `told`; returns the messages. */
  notifyApprovers(input: {
    card: AskingCard;
    at: MessageRef;
    key: string;
    told: MessageRef[];
  }): Promise<MessageRef[]>;
  /** Says in the direct messages what became of it. */
  updateNotices(input: { card: AskingCard; at: MessageRef; messages: MessageRef[] }): Promise<void>;
  tellPerson(input: { to: Person; runId: string; origin: Origin; word: PrivateWord }): Promise<void>;
}
