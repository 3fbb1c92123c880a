import type { Person } from '../approval/person.js';
import type { Card } from '../run/card.js';
import type { ModelTurn, TurnRequest } from '../run/conversation.js';
import type { Plan, PlanBrief, Research, Usage } from '../run/plan.js';
import type { Checkpoint, LedgerHead, MessageRef, Origin, PlanRevision } from '../run/run.js';
import type { ThreadMessage } from '../run/thread.js';
import type { ToolResult, ToolSpec } from '../run/tools.js';
import type { AskingCard, PrivateWord, ResultReport } from './types.js';

/** A model, as the activities use it. Errors are `RemoteError`s; an abort is passed on as it is. */
export interface Model {
  searchWeb(goal: string, signal?: AbortSignal): Promise<{ research: Research; usage: Usage }>;
  /** Writes a plan. The model is told of the tools that will carry it out, and calls none. */
  writePlan(
    input: PlanBrief & { tools: ToolSpec[] },
    signal?: AbortSignal,
  ): Promise<{ plan: Plan; usage: Usage }>;
  /** Takes one turn of an execution. */
  takeTurn(input: TurnRequest, signal?: AbortSignal): Promise<ModelTurn>;
}

/** Tools, as the activities use them. Errors are `RemoteError`s; an abort is passed on as it is. */
export interface Toolbox {
  /** Lists what can be called now; tools of servers that are down are not among it. */
  list(): Promise<ToolSpec[]>;
  /**
   * Makes a call, at most once. An error that the tool itself answers is a result (`isError`).
   *
   * @throws RemoteError with code `AnswerLost` when nobody knows whether the call happened; with `ToolUnavailable` (retryable when the
   * server may come back by itself), `UnknownTool` or `InvalidArguments` when it certainly did not.
   */
  call(name: string, input: Record<string, unknown>, signal?: AbortSignal): Promise<ToolResult>;
}

/** The key of a post that is made once, and the time since when an earlier attempt may have made it. */
export interface PostOnce {
  key: string;
  /** Set from the second attempt on: look for the key in messages since this time (ms since the epoch) before posting. */
  lookSince?: number;
}

/** Slack, as the activities use it. Errors are `RemoteError`s. */
export interface Messenger {
  postCard(
    channel: string,
    card: Card,
    once: PostOnce,
    before?: { card?: MessageRef; planned?: PlanRevision; thread?: string },
  ): Promise<MessageRef>;
  /** Returns the ids of those who were mentioned. */
  remindApprovers(
    what: 'reminder' | 'escalation',
    thread: MessageRef,
    card: AskingCard,
    once: PostOnce,
    at?: MessageRef,
  ): Promise<string[]>;
  notifyApprovers(
    card: AskingCard,
    at: MessageRef,
    told: MessageRef[],
    once: PostOnce,
  ): Promise<MessageRef[]>;
  updateNotices(card: AskingCard, at: MessageRef, messages: MessageRef[]): Promise<void>;
  updateCard(ref: MessageRef, card: Card): Promise<void>;
  postResult(
    thread: MessageRef,
    result: { runId: string; requester: Person; text: string; report?: ResultReport },
    once: PostOnce,
  ): Promise<MessageRef>;
  postInThread(thread: MessageRef, message: ThreadMessage, once: PostOnce): Promise<MessageRef>;
  updateInThread(ref: MessageRef, message: ThreadMessage): Promise<void>;
  tellPerson(to: Person, runId: string, origin: Origin, word: PrivateWord): Promise<void>;
}

/** People and groups in Slack, as the activities use them. Errors are `RemoteError`s. */
export interface Directory {
  /** Returns the user ids in a group; undefined when Slack can't say for good. `fresh` past what is remembered for a moment. */
  members(group: string, options: { fresh: boolean }): Promise<readonly string[] | undefined>;
  /** Tells whether there is such a person, and they are no bot and not deactivated. */
  isPerson(person: Person): Promise<boolean>;
}

/** The ledger, as the activities use it. */
export interface Ledger {
  /**
   * Writes the entries in order; one whose key is there already is left as it is. Resolves with where the chain of each of
   * their runs ends now, by run id.
   */
  append(entries: Checkpoint[]): Promise<Map<string, LedgerHead>>;
}
