import type { Card } from '../core/card.js';
import type { Person } from '../core/person.js';
import type { Plan, Research, Usage } from '../core/plan.js';
import type { Checkpoint, LedgerHead, MessageRef, Origin, PlanRevision } from '../core/run.js';
import type { PrivateWord } from './types.js';

/** How one call to a model is bounded. */
export interface CallContext {
  signal?: AbortSignal;
}

/** What the activities need of a model. Errors are `RemoteError`s. */
export interface Model {
  searchWeb(goal: string, context?: CallContext): Promise<{ research: Research; usage: Usage }>;
  writePlan(
    input: { goal: string; research: Research; previous?: { plan: Plan; feedback: string } },
    context?: CallContext,
  ): Promise<{ plan: Plan; usage: Usage }>;
  carryOut(
    input: { goal: string; plan: Plan; approval: { by: string; note: string } },
    context?: CallContext,
  ): Promise<{ text: string; usage: Usage }>;
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
    before?: { card?: MessageRef; planned?: PlanRevision },
  ): Promise<MessageRef>;
  /** Returns the ids of those who were mentioned. */
  remindApprovers(
    what: 'reminder' | 'escalation',
    thread: MessageRef,
    card: Card,
    once: PostOnce,
  ): Promise<string[]>;
  notifyApprovers(card: Card, at: MessageRef, told: MessageRef[], once: PostOnce): Promise<MessageRef[]>;
  updateNotices(card: Card, at: MessageRef, messages: MessageRef[]): Promise<void>;
  updateCard(ref: MessageRef, card: Card): Promise<void>;
  postResult(
    thread: MessageRef,
    result: { runId: string; requester: Person; text: string },
    once: PostOnce,
  ): Promise<MessageRef>;
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
