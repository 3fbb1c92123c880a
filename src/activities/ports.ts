import type { Person } from '../approval/person.js';
import type { ApprovalPolicy, KnownPerson } from '../approval/policy.js';
import type { RunAdmission } from '../run/admission.js';
import type { AgentSession } from '../run/agent-session.js';
import type { Card } from '../run/card.js';
import type { Checkpoint, LedgerHead } from '../run/event.js';
import type { ModelTurn, TurnRequest } from '../run/execution/conversation.js';
import type { ToolAnswer, ToolQuestion } from '../run/execution/tool-question.js';
import type { ToolResult, ToolSpec } from '../run/execution/tools.js';
import type { MessageRef } from '../run/message.js';
import type { Plan, PlanBrief, Research, Usage } from '../run/plan.js';
import type { ThreadContext } from '../run/thread.js';
import type { Activities, RunToAdmit } from './types.js';

/** A model, as the activities use it. Errors are `RemoteError`s; an abort is passed on as it is. */
export interface Model {
  searchWeb(
    goal: string,
    signal?: AbortSignal,
    thread?: ThreadContext,
  ): Promise<{ research: Research; usage: Usage }>;
  /** Writes a plan. The model is told of the tools that will carry it out, and calls none. */
  writePlan(
    input: PlanBrief & { tools: ToolSpec[]; thread?: ThreadContext },
    signal?: AbortSignal,
  ): Promise<{ plan: Plan; usage: Usage }>;
  /** Takes one turn of an execution. */
  takeTurn(input: TurnRequest, signal?: AbortSignal): Promise<ModelTurn>;
}

/** Puts a question of a tool to people, and waits for their answer. */
export type AskPeople = (question: ToolQuestion, signal: AbortSignal) => Promise<ToolAnswer>;

/** Tools, as the activities use them. Errors are `RemoteError`s; an abort is passed on as it is. */
export interface Toolbox {
  /** Lists what can be called now; tools of servers that are down are not among it. */
  list(): Promise<ToolSpec[]>;
  /** Stops listing a tool that the model's API refuses, until its server changes it. */
  leaveOut(tool: ToolSpec, reason: string): void;
  /** Compares arguments with a tool's schema. Resolves with what is wrong, as a clause; undefined where nothing is, or the server must say. */
  findInputProblem(name: string, input: Record<string, unknown>): Promise<string | undefined>;
  /**
   * Makes a call, at most once. An error that the tool itself answers is a result (`isError`).
   *
   * @throws RemoteError with code `AnswerLost` when nobody knows whether the call happened. `UnknownTool`, `ToolChanged`, `InvalidArguments` and
   * `ToolUnavailable` say that it did not; the last one is retryable when the server may come back by itself.
   */
  call(
    name: string,
    input: Record<string, unknown>,
    options?: {
      signal?: AbortSignal;
      /** The tool's definition that the call was judged by; a tool with another one is not called. */
      definition?: string | undefined;
      /** Lets the tool ask people while it is called. */
      ask?: AskPeople;
    },
  ): Promise<ToolResult>;
}

/** The key of a post that is made once, and the time since when an earlier attempt may have made it. */
export interface PostOnce {
  key: string;
  /** Set from the second attempt on: look for the key in messages since this time (ms since the epoch) before posting. */
  lookSince?: number;
  /** Time (ms since the epoch) of a second look: until then a request of a process that died may still be on its way. */
  lookAgainAt?: number;
  /** Ends a wait before the post when the attempt is over, as when the worker is being stopped. */
  signal?: AbortSignal;
}

/** Input of a post, without the part that is the ledger's. */
type Input<K extends keyof Activities> = Omit<
  Parameters<Activities[K]>[0],
  'key' | 'entries' | 'posted' | 'show' | 'notice'
>;

type Output<K extends keyof Activities> =
  Awaited<ReturnType<Activities[K]>> extends { message: infer Message }
    ? Message
    : Awaited<ReturnType<Activities[K]>>;

type Posts =
  | 'postCard'
  | 'postResult'
  | 'postInThread'
  | 'remindApprovers'
  | 'notifyApprovers'
  | 'sendPrivately';

/** Slack, as the activities use it: each method does Slack's part of the activity of its name. Errors are `RemoteError`s. */
export type Messenger = Pick<Activities, 'updateNotices'> & {
  [K in Posts]: (input: Input<K>, once: PostOnce) => Promise<Output<K>>;
} & {
  /** Sends no update once `signal` has aborted, though it waited for its turn. */
  updateCard(input: Input<'updateCard'>, signal?: AbortSignal): Promise<void>;
  /** Returns false for progress that was left out, because a newer update of its message was there. */
  updateInThread(input: Input<'updateInThread'>, signal?: AbortSignal): Promise<boolean>;
  /** Tells a run's requester of the end that a card shows: in this thread, or directly. `at`: the card. */
  tellRequester(input: { card: Card; at?: MessageRef; thread?: MessageRef }, once: PostOnce): Promise<void>;
};

/** Reads a thread up to a mention: its messages and files, within limits. Errors are `RemoteError`s; an abort is passed on as it is. */
export type ReadThread = (mention: MessageRef, signal?: AbortSignal) => Promise<ThreadContext>;

/** Status of an agent in a thread, as Slack has it. `suspended`: it waits for people. `doing`: words after the app's name; empty ones take them away. */
export interface SessionStatus {
  status: 'processing' | 'suspended' | 'active';
  doing?: string;
  /** Shows the words again, which Slack may have taken away. */
  again?: true;
}

/** Slack's sessions of agents. */
export interface AgentSessions {
  /** Shows a status in a thread. It never throws, and takes two seconds at most. The title and the user count for a new session only. */
  show(
    thread: Pick<AgentSession, 'channel' | 'thread'> & Partial<AgentSession>,
    status: SessionStatus,
  ): Promise<void>;
}

/** Admits a run, and counts its start. */
export type AdmitRun = (run: RunToAdmit) => Promise<RunAdmission>;

/** People and groups in Slack, as the activities use them. Errors are `RemoteError`s. */
export interface Directory {
  /** The user ids in a group; undefined when Slack can't say for good. `fresh` past the cache. */
  members(group: string, options: { fresh: boolean }): Promise<readonly string[] | undefined>;
  /** `unknown`: there is no such person in that team, or one who may not decide (a bot, deactivated, a stranger to the app). */
  person(person: Person): Promise<KnownPerson | 'unknown'>;
}

/** Finds the policy of a channel in the policy file; undefined leaves each run its own. */
export type FindPolicy = (channel: string) => ApprovalPolicy | undefined;

/** The ledger, as the activities use it. */
export interface Ledger {
  /**
   * Writes the entries in order; one whose key is there already is left as it is. Resolves with where the chain of each of
   * their runs ends now, by short id.
   */
  append(entries: Checkpoint[]): Promise<Map<string, LedgerHead>>;
}
