import type { Card } from '../core/card.js';
import type { Person } from '../core/person.js';
import type { Plan, Research, Usage } from '../core/plan.js';
import type { Checkpoint, MessageRef, Origin } from '../core/run.js';
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
  postCard(channel: string, card: Card, once: PostOnce, replaces?: MessageRef): Promise<MessageRef>;
  updateCard(ref: MessageRef, card: Card): Promise<void>;
  postResult(
    thread: MessageRef,
    result: { runId: string; requester: Person; text: string },
    once: PostOnce,
  ): Promise<MessageRef>;
  tellPerson(to: Person, runId: string, origin: Origin, word: PrivateWord): Promise<void>;
}

/** What the activities need of the ledger. */
export interface Ledger {
  /** Writes the entries in order; one whose key is there already is left as it is. */
  append(entries: Checkpoint[]): Promise<void>;
}
