import type { Person } from '../approval/person.js';
import type { ApprovalPolicy, Membership, ToolRule } from '../approval/policy.js';
import type { RunAdmission } from '../run/admission.js';
import type { AgentSession } from '../run/agent-session.js';
import type { Card, Sealed, ShownCard } from '../run/card.js';
import type { Checkpoint, PostedEvent } from '../run/event.js';
import type { Assignment, Exchange, Turn, TurnRequest } from '../run/execution/conversation.js';
import type { EditedCall, ToolCall, ToolResult } from '../run/execution/tools.js';
import type {
  DecisionMessage,
  MessageRef,
  Origin,
  PrivateMessage,
  ResultReport,
  ThreadMessage,
} from '../run/message.js';
import type { Plan, PlanBrief, PlanRevision, Research, Usage } from '../run/plan.js';
import type { RequesterNotice, RevisionNews } from '../run/requester-notice.js';
import type { ThreadContext } from '../run/thread.js';

/** The channel's policy by the policy file, without its rules for tools; unset leaves each run its own. */
interface PolicyNow {
  policy?: ApprovalPolicy;
}

/** Requests to `callLlm` and its answers, by task. */
interface LlmTasks {
  /** Write a plan, or a new revision of one. `rules`: the policy's rules for tools. */
  plan: {
    request: PlanBrief & { channel: string; rules: ToolRule[]; session?: AgentSession };
    answer: { plan: Plan; digest: string; usage: Usage } & PolicyNow;
  };
  /** Take one turn of the execution; `exchanges` is what was said since the assignment. */
  turn: {
    request: {
      goal: string;
      planned: PlanRevision;
      approval: Assignment['approval'];
      exchanges: Exchange[];
      refused?: string[];
      channel: string;
      rules: ToolRule[];
      session?: AgentSession;
    } & Pick<TurnRequest, 'container' | 'useFallback'>;
    answer: Turn & PolicyNow;
  };
}

/** A card to show on a message. `notice`: the requester is told of the end then. */
export interface CardUpdate extends ShownCard {
  notice?: RequesterNotice;
}

/** A run that has started, and asks whether it may begin. */
export interface RunToAdmit {
  shortId: string;
  requester: Person;
  origin: Origin;
}

export type LlmTask = keyof LlmTasks;
export type LlmRequest<T extends LlmTask> = { task: T } & LlmTasks[T]['request'];
export type LlmAnswer<T extends LlmTask> = LlmTasks[T]['answer'];

/** `isShown`: the activity has shown the card that it was given. Without that the workflow shows it. */
export interface Shown {
  isShown?: boolean;
}

/** The activities, by the names that the history shows. */
export interface Activities {
  /** Asks whether a run may begin. `waits`: it is asked again until Slack can say whether the requester may ask. */
  admitRun(run: RunToAdmit & { waits: boolean }): Promise<RunAdmission>;
  /** Reads the thread up to a mention: messages and files of people and other apps. */
  readThread(mention: MessageRef): Promise<ThreadContext>;
  /**
   * `session`: the thread in which Slack shows that the agent works. `thread` is an argument of its own: unencrypted, a large one is stored once for all
   * calls of the run.
   */
  searchWeb(
    input: { goal: string; session?: AgentSession },
    thread?: ThreadContext,
  ): Promise<{ research: Research; usage: Usage }>;
  callLlm<T extends LlmTask>(request: LlmRequest<T>, thread?: ThreadContext): Promise<LlmAnswer<T>>;
  /**
   * Makes a tool call whose digest is checked first. An error that the tool itself reports is a result. It fails with type `AnswerLost` when nobody
   * knows whether the call happened. `ToolChanged`: the tool is not the one that was judged. `ToolDenied`: the policy file of now denies it. The
   * entries are on disk before the call; with the ledger away, it fails with `LedgerUnavailable` and the call was not made.
   */
  callTool(call: ToolCall & { channel: string; entries: Checkpoint[] }): Promise<ToolResult & Sealed>;
  /**
   * Writes entries into the ledger, in order, each once; then shows a card. Resolves with the head of the run's chain. A card doesn't wait for a
   * ledger that is away: then there is no head.
   */
  persistCheckpoint(input: { entries: Checkpoint[]; show?: CardUpdate }): Promise<Sealed>;
  /**
   * Posts a card once: `key` is kept in the message's metadata, and a second attempt looks for it first. `message` is where Slack put it: without
   * `thread` if the thread is gone. Then writes `entries` and the event
   * `posted`; a card whose run is over comes after the entries.
   */
  postCard(input: {
    entries: Checkpoint[];
    /** Set for a card that asks people: its event in the ledger. */
    posted?: PostedEvent;
    channel: string;
    /** The thread in it, for a run that was asked for in a thread. */
    thread?: string;
    key: string;
    card: Card;
    replaces?: MessageRef;
    /** Card of the revision before this one: it gets a link to the new card. */
    superseded?: ShownCard;
    /** The revision before this one: the thread shows what has changed. */
    previous?: PlanRevision;
    /** Set where the requester is to hear of the new revision. They hear of a failure in any case. */
    news?: RevisionNews;
  }): Promise<{ message: MessageRef } & Sealed>;
  updateCard(input: CardUpdate): Promise<void>;
  /**
   * Posts the result under the card, in as many messages as Slack's limits ask for; `message` is the first. Then writes `entries`, and last shows
   * the card. Says what it got done: without a head the entries are not written, and `isShown` is false for a card that was not updated.
   */
  postResult(input: {
    entries: Checkpoint[];
    show?: ShownCard;
    thread: MessageRef;
    key: string;
    shortId: string;
    requester: Person;
    /** Title of the run, for a requester who isn't in the channel: they are told directly, too. */
    title: string;
    text: string;
    /** Shown under the result: what it cost, how long it took. */
    report?: ResultReport;
  }): Promise<{ message: MessageRef; isShown: boolean } & Sealed>;
  /**
   * Posts a message in the card's thread once; in the channel if that thread is gone. Then writes `entries` and the event `posted`, and shows the card,
   * which leads to the message if it has no other request to lead to.
   */
  postInThread(input: {
    entries: Checkpoint[];
    /** Set for a message that asks people: its event in the ledger. */
    posted?: PostedEvent;
    thread: MessageRef;
    key: string;
    message: ThreadMessage;
    show?: ShownCard;
  }): Promise<{ message: MessageRef } & Shown & Sealed>;
  /** Updates a message in the card's thread, then shows the card. `isLeftOut`: neither was done, because a newer update of the message was there. */
  updateInThread(input: {
    ref: MessageRef;
    message: ThreadMessage;
    show?: ShownCard;
  }): Promise<Shown & { isLeftOut?: boolean }>;
  /**
   * Asks Slack for the members of groups, and for a person's teams; `fresh` past the cache. `releasing`: the user whose click would release something;
   * the groups are fresh where this user is a member.
   */
  lookUpMembership(question: {
    groups: string[];
    person?: Person;
    fresh: boolean;
    releasing?: string;
  }): Promise<Membership>;
  /** Makes the call that results from an edit of its arguments, or says in a clause why there can be none. */
  editCall(input: {
    call: ToolCall;
    input: Record<string, unknown>;
    edited: EditedCall;
    channel: string;
    rules: ToolRule[];
  }): Promise<({ call: ToolCall } & PolicyNow) | { problem: string }>;
  /** Takes the digest of a plan that a person made. */
  digestPlan(input: { plan: Plan; channel: string }): Promise<{ digest: string } & PolicyNow>;
  /** Reads the channel's policy by the policy file of now. */
  readPolicy(input: { channel: string }): Promise<ApprovalPolicy | undefined>;
  /** Mentions, in the card's thread, those who can decide and haven't. `at`: the message to decide in. Returns their ids, and the mention's place. */
  remindApprovers(input: {
    purpose: 'reminder' | 'escalation';
    thread: MessageRef;
    key: string;
    message: DecisionMessage;
    at: MessageRef;
  }): Promise<{ mentioned: string[]; posted?: MessageRef }>;
  /** Sends a direct message to each of those whom the policy names, but for those who have one (`sent`); returns the new ones. */
  notifyApprovers(input: {
    message: DecisionMessage;
    at: MessageRef;
    key: string;
    sent: MessageRef[];
  }): Promise<MessageRef[]>;
  /** Brings direct messages about a request up to date: who has approved, or its outcome. */
  updateNotices(input: { message: DecisionMessage; at: MessageRef; notices: MessageRef[] }): Promise<void>;
  sendPrivately(input: {
    to: Person;
    shortId: string;
    origin: Origin;
    message: PrivateMessage;
  }): Promise<void>;
}
