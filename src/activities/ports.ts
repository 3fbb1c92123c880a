import type { Person } from '../approval/person.js';
import type { Card } from '../run/card.js';
import type { Assignment, Exchange, Turn } from '../run/conversation.js';
import type { Plan, Research, Usage } from '../run/plan.js';
import type { Checkpoint, FollowUp, LedgerHead, MessageRef, Origin, PlanRevision } from '../run/run.js';
import type { ThreadMessage } from '../run/thread.js';
import type { ToolResult, ToolSpec } from '../run/tools.js';
import type { AskingCard, PrivateWord, ResultReport } from './types.js';

/** How one call to a model is bounded. */
export interface CallContext {
  signal?: AbortSignal;
}

/** What the activities need of a model. Errors are `RemoteError`s. */
export interface Model {
  searchWeb(goal: string, context?: CallContext): Promise<{ research: Research; usage: Usage }>;
  writePlan(
    input: {
      goal: string;
      research: Research;
      previous?: { plan: Plan; feedback: string };
      followUp?: FollowUp;
      /** What can be used to carry the plan out; the model is told of them, and calls none. */
      tools?: ToolSpec[];
    },
    context?: CallContext,
  ): Promise<{ plan: Plan; usage: Usage }>;
  carryOut(
    input: { goal: string; plan: Plan; approval: { by: string; note: string } },
    context?: CallContext,
  ): Promise<{ text: string; usage: Usage }>;
  /**
   * One turn of an execution. Its calls are as the model made them: what they say of themselves is still among the arguments.
   * `serverTools`: those of the model's own side that may be used.
   */
  takeTurn(
    input: Assignment & { exchanges: Exchange[]; tools: ToolSpec[]; serverTools: ServerTool[] },
    context?: CallContext,
  ): Promise<Omit<Turn, 'calls'> & { calls: RawCall[] }>;
}

/** Tools that run on the model's side, and can't be asked about one by one. */
export type ServerTool = 'web_search' | 'code_execution';

export interface RawCall {
  id: string;
  name: string;
  input: Record<string, unknown>;
}

/** What the activities need of the tools. Errors are `RemoteError`s. */
export interface Toolbox {
  /** What can be called now; tools of servers that are down are not among it. */
  list(): Promise<ToolSpec[]>;
  /**
   * Makes a call. What the tool itself says went wrong is a result (`isError`). It rejects with code `AnswerLost` when nobody
   * knows whether the call happened, and with another one when it did not happen.
   */
  call(name: string, input: Record<string, unknown>, context?: CallContext): Promise<ToolResult>;
}

/** How a post is made once: its key, and since when an earlier attempt may have made it. */
export interface PostOnce {
  key: string;
  /** Set from the second attempt on: look for the key in messages since this time (ms since the epoch) before posting. */
  lookSince?: number;
}

/** What the activities need of Slack. Errors are `RemoteError`s. */
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

/** Who is who in Slack. Errors are `RemoteError`s. */
export interface Directory {
  /** The user ids in a group; undefined when Slack can't say for good. `fresh` past what is remembered for a moment. */
  members(group: string, options: { fresh: boolean }): Promise<readonly string[] | undefined>;
  /** Whether there is such a person, and they are no bot and not deactivated. */
  isPerson(person: Person): Promise<boolean>;
}

/** What the activities need of the ledger. */
export interface Ledger {
  /**
   * Writes the entries in order; one whose key is there already is left as it is. Resolves with where the chain of each of
   * their runs ends now, by run id.
   */
  append(entries: Checkpoint[]): Promise<Map<string, LedgerHead>>;
}
