import type { Decision } from '../approval/decision.js';
import type { Refusal } from '../approval/judge.js';
import type { Person } from '../approval/person.js';
import type { ApprovalPolicy, Budget } from '../approval/policy.js';
import type { Outcome } from '../approval/request.js';
import type { CardState } from './card.js';
import type { ToolCall } from './execution/tools.js';
import type { FollowUp, RunInput } from './input.js';
import type { MessageRef } from './message.js';
import type { PlanRevision, Research, Usage } from './plan.js';
import type { RunRequest } from './request.js';
import type { RunEnd } from './state.js';
import type { ThreadReading } from './thread.js';

/** Outcome of a tool call. `lost`: the answer was lost. `happened`: the answer was lost, and a person confirmed that the call took place. */
export const CALL_OUTCOMES = [
  'done',
  'failed',
  'denied',
  'rejected',
  'expired',
  'lost',
  'happened',
  'cancelled',
] as const;
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

/** Reference to an item of a request. */
export interface ItemRef {
  request: string;
  item: string;
}

/** Items in one message. `also`: those beside the first. */
export type PostedItems = ItemRef & Pick<EventData['posted'], 'also'>;

/** Data of each kind of event, as the ledger keeps it. */
export interface EventData {
  started: {
    goal: string;
    requester: Person;
    channel: string;
    policy: ApprovalPolicy;
    thread?: string;
    followUp?: FollowUp;
    /** The mention, if its thread or its files are read. */
    mention?: MessageRef;
    schedule?: string;
    /** Set for a retry. */
    retriedBy?: Person;
  };
  /** The thread was read in which the goal was given. */
  read: ThreadReading;
  searched: Research & { usage: Usage };
  planned: PlanRevision & { usage?: Usage };
  /** A request to people; items are in their state at that time. */
  requested: RunRequest;
  /** A posted message that shows the run or asks people. `copy`: it repeats another message. `item`: unset on a card. `also`: further items in it. */
  posted: { message: MessageRef; request?: string; item?: string; also?: string[]; copy?: true };
  /** An approval counted as number `votes` `of` the required number. */
  voted: ItemRef & { decision: Decision; votes: number; of: number };
  /** An approval no longer counts, because the person is no longer an approver. */
  lapsed: ItemRef & { decision: Decision };
  extended: ItemRef & { decision: Decision; expiresAt: string };
  /** `mentioned`: user and group ids. */
  reminded: ItemRef & { mentioned: string[] };
  escalated: ItemRef & { mentioned: string[]; policy: ApprovalPolicy };
  /** Direct messages went to the approvers. */
  notified: ItemRef & { messages: MessageRef[] };
  /** An item has an outcome. */
  decided: ItemRef & { outcome: Outcome };
  /** A refused action: not allowed, or too late. A malformed signal has no person. `times`: so many like it so far; unset for the first ones. */
  refused:
    | { decision: Decision; refusal: Refusal; times?: number }
    | {
        by: Person;
        reason: 'cannot-cancel' | 'cannot-retry' | 'cannot-see-details' | 'other-message';
        times?: number;
      }
    | { reason: 'malformed'; times?: number };
  /**
   * A turn of the model in an execution: its text, and the names of the tools that it calls. `refusedTools`: the API took no request with these.
   * `notes`: words for people on what happened beside it.
   */
  turned: {
    turn: number;
    text: string;
    calls: string[];
    usage: Usage;
    notes?: string[];
    refusedTools?: string[];
  };
  /** A tool call was made or refused. `text` is the beginning of its answer; `cut`: the rest was left out. */
  'tool-called': { call: Omit<ToolCall, 'input' | 'edited'>; outcome: CallOutcome; text: string; cut?: true };
  /** An approver granted more of the budget. */
  granted: { part: keyof Budget; budget: Budget; by: Person };
  executed: { text: string };
  /** The run continues in a new execution of its workflow. */
  continued: Record<string, never>;
  ended: RunEnd;
  /** A card could not be updated to its last state. */
  unshown: { message: MessageRef; state: CardState; revision?: number };
  /** The reconciler updated messages to their last state. */
  repaired: { messages: MessageRef[]; state: string };
}

export type EventKind = keyof EventData;

/** An event of a run; `kind` determines the type of `data`. */
export type RunEvent<K extends EventKind = EventKind> = {
  [Kind in K]: { kind: Kind; data: EventData[Kind] };
}[K];

/** An event on its way to the ledger. `key` is unique within a run, so a repeated write adds no row. */
export type Checkpoint<K extends EventKind = EventKind> = RunEvent<K> & {
  shortId: string;
  key: string;
  /** Time of the event, ISO 8601. */
  at: string;
};

/** An event `posted` whose message is not known yet. `key` and `at` are those of its entry, so that each attempt writes the same entry. */
export type PostedEvent = PostedItems & Pick<Checkpoint, 'key' | 'at'>;

/** Makes the entry of a posted message. The activity that posts it and the run both make it: the ledger must get the same one. */
export function postedEntry(
  { key, at, ...ref }: PostedEvent,
  shortId: string,
  { channel, ts, thread }: MessageRef,
): Checkpoint<'posted'> {
  // Whoever finds an earlier post has its place in another order of fields, and entries are compared as text.
  const message = { channel, ts, ...(thread && { thread }) };
  // A post that was deleted between two attempts is made again, and both are on record.
  return { kind: 'posted', data: { ...ref, message }, key: `${key}/${ts}`, shortId, at };
}

/** Makes an event's checkpoint for the ledger. */
export function checkpoint(
  event: RunEvent,
  { shortId, key, at = new Date() }: { shortId: string; key: string; at?: Date | undefined },
): Checkpoint {
  return { ...event, shortId, key, at: at.toISOString() };
}

/** First event of an execution. The process that starts the run and the run itself both write it, under one key, so one entry remains. */
export function startedEvent(input: RunInput): RunEvent<'started'> {
  const { goal, requester, channel, policy, thread, followUp, mention, schedule, resume } = input;
  const retriedBy = resume?.retriedBy;
  const data = {
    ...{ goal, requester, channel, policy },
    ...(thread && { thread }),
    ...(followUp && { followUp }),
    ...(mention && { mention }),
    ...(schedule && { schedule }),
    ...(retriedBy && { retriedBy }),
  };
  return { kind: 'started', data };
}

export function startedKey(executionId: string): string {
  return `start/${executionId}`;
}

/** Head of a run's chain in the ledger: number of entries, and the hash of the last one, in hex. */
export interface LedgerHead {
  sequence: number;
  hash: string;
}

/** Head of a run's chain as kept outside the database. */
export interface KeptHead extends LedgerHead {
  /** Place that shows that the run was over. Unset: the run may go on, or was ended from outside. */
  end?: 'memo' | 'card';
}
