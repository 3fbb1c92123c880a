import type { Decision } from '../approval/decision.js';
import type { Refusal } from '../approval/judge.js';
import type { Person } from '../approval/person.js';
import type { ApprovalPolicy, Budget } from '../approval/policy.js';
import type { Outcome } from '../approval/request.js';
import type { CardState } from './card.js';
import type { ToolCall } from './execution/tools.js';
import type { FollowUp, RunInput } from './input.js';
import type { MessageRef } from './message.js';
import type { PlanRevision, Source, Usage } from './plan.js';
import type { RunRequest } from './request.js';
import type { RunEnd } from './state.js';

/** Outcome of a tool call. `lost`: its answer was lost; `happened`: a person found out that the call happened all the same. */
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

/** An item of a request. */
export interface ItemRef {
  request: string;
  item: string;
}

/** Data of each kind of event, as the ledger keeps it. */
export interface EventData {
  started: {
    goal: string;
    requester: Person;
    channel: string;
    policy: ApprovalPolicy;
    thread?: string;
    followUp?: FollowUp;
    schedule?: string;
    /** Set when the run was tried again. */
    retriedBy?: Person;
  };
  searched: { summary: string; sources: Source[]; usage: Usage };
  planned: PlanRevision & { usage?: Usage };
  /** People are asked; the items are as they were then. */
  requested: RunRequest;
  /** A message that shows the run, or asks people something. `copy`: beside the one that counts. `item`: unset on a card. */
  posted: { message: MessageRef; request?: string; item?: string; copy?: true };
  /** An approval counted: the `votes`th `of` so many. */
  voted: ItemRef & { decision: Decision; votes: number; of: number };
  /** An approval no longer counts, because who gave it is no approver any more. */
  lapsed: ItemRef & { decision: Decision };
  extended: ItemRef & { decision: Decision; expiresAt: string };
  /** User and group ids that were mentioned. */
  reminded: ItemRef & { mentioned: string[] };
  escalated: ItemRef & { mentioned: string[]; policy: ApprovalPolicy };
  /** Direct messages went out to those who can decide. */
  notified: ItemRef & { messages: MessageRef[] };
  /** An item of a request has an end. */
  decided: ItemRef & { outcome: Outcome };
  /** Something that a person may not do, or that came too late. A signal that was no decision has no person. */
  refused:
    | { decision: Decision; refusal: Refusal }
    | { by: Person; reason: 'cannot-cancel' | 'cannot-retry' | 'cannot-see-details' }
    | { reason: 'malformed' };
  /** A turn of the model in an execution: its words, and the names of the tools that it wants to call. */
  turned: { turn: number; text: string; calls: string[]; usage: Usage };
  /** A tool call was made, or refused. `text` is the beginning of its answer; `cut`: more was left out. */
  'tool-called': { call: Omit<ToolCall, 'input'>; outcome: CallOutcome; text: string; cut?: true };
  /** An approver granted more of the budget. */
  granted: { part: keyof Budget; budget: Budget; by: Person };
  executed: { text: string };
  /** The run goes on in a new execution of its workflow. */
  continued: Record<string, never>;
  ended: RunEnd;
  /** A card could not be brought to its last state. */
  unshown: { message: MessageRef; state: CardState; revision?: number };
  /** Messages were brought to their last state afterwards, by the reconciler. */
  repaired: { messages: MessageRef[]; state: string };
}

export type EventKind = keyof EventData;

/** Something that happened in a run: `kind` tells which data it has. */
export type RunEvent<K extends EventKind = EventKind> = {
  [Kind in K]: { kind: Kind; data: EventData[Kind] };
}[K];

/** An event on its way into the ledger. `key` is unique within a run, so writing it twice leaves one row. */
export type Checkpoint<K extends EventKind = EventKind> = RunEvent<K> & {
  shortId: string;
  key: string;
  /** When it happened, ISO 8601. */
  at: string;
};

/** An event as the ledger takes it. */
export function checkpoint(
  event: RunEvent,
  { shortId, key, at = new Date() }: { shortId: string; key: string; at?: Date | undefined },
): Checkpoint {
  return { ...event, shortId, key, at: at.toISOString() };
}

/**
 * The beginning of an execution of a run. Whoever starts the run writes it, so that it is on record at once, and the run itself with
 * its first other events: its key leaves one of them.
 */
export function startedEvent(input: RunInput): RunEvent<'started'> {
  const { goal, requester, channel, policy, thread, followUp, schedule, resume } = input;
  const retriedBy = resume?.retriedBy;
  const data = {
    ...{ goal, requester, channel, policy },
    ...(thread && { thread }),
    ...(followUp && { followUp }),
    ...(schedule && { schedule }),
    ...(retriedBy && { retriedBy }),
  };
  return { kind: 'started', data };
}

export function startedKey(executionId: string): string {
  return `start/${executionId}`;
}

/** End of a run's chain in the ledger: how many entries, and the hash of the last, in hex. */
export interface LedgerHead {
  sequence: number;
  hash: string;
}

/** End of a run's chain as it is kept outside the database. */
export interface KeptHead extends LedgerHead {
  /** Set when the run was over then, and which of the two says so; else the run may go on, or was ended from outside. */
  end?: 'memo' | 'card';
}
