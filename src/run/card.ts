import type { Decision } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import type { LedgerHead } from './event.js';
import type { MessageRef } from './message.js';
import type { PlanRevision } from './plan.js';
import type { RequestItem } from './request.js';
import type { GoneOutcome, RunFailure } from './state.js';
import type { ThreadReading } from './thread.js';

/** Head of the run's chain, which a finished card keeps in `Details`. It reveals later changes of the ledger. */
export interface Sealed {
  head?: LedgerHead;
}

/** State of a run on its card. Only `waiting` has the decision's buttons; only `failed` has `Retry`. */
export type CardState =
  | {
      kind: 'waiting';
      request: string;
      /** The request's only item. */
      item: RequestItem;
      /** Set on a card that people got directly because its channel is unreachable. */
      unreachable?: { channel: string; reason: string };
    }
  | { kind: 'executing'; votes: Decision[] }
  /** `direct`: the requester got the result directly, because it could not be posted under the card. */
  | ({ kind: 'completed'; votes: Decision[]; result: MessageRef; direct?: boolean } & Sealed)
  /** `edit` counts as a change: a person made the next revision. */
  | { kind: 'changed'; decision: Decision }
  | ({ kind: 'rejected'; decision: Decision } & Sealed)
  | ({ kind: 'expired'; at: string } & Sealed)
  /** `why`: reason of a cancellation that no person asked for. `done`, here and below: earlier calls that may have changed something. */
  | ({
      kind: 'cancelled';
      at: string;
      by?: Person;
      votes: Decision[];
      why?: string;
      done?: string[];
    } & Sealed)
  | ({
      kind: 'failed';
      failure: RunFailure;
      executionId: string;
      votes: Decision[];
      done?: string[];
    } & Sealed)
  | { kind: 'retried'; by?: Person }
  /** Temporal ended the run or no longer knows it, so the run could not update its card. `votes`: set if the plan was approved. */
  | { kind: 'gone'; at: string; why: GoneOutcome['why']; votes?: Decision[] };

const OVER = ['completed', 'rejected', 'expired', 'cancelled', 'failed'] as const;

/** True for a state in which the run is over by its own account. */
export function isOver(state: CardState): state is Extract<CardState, { kind: (typeof OVER)[number] }> {
  return OVER.some((kind) => kind === state.kind);
}

/** Adds the head of the run's chain to a card whose run is over. */
export function sealCard(card: Card, { head }: Sealed): Card {
  const { state } = card;
  return head && isOver(state) ? { ...card, state: { ...state, head } } : card;
}

/** Requests in the thread that wait for people. */
export interface CardAsks {
  /** Number of tool calls to approve. */
  actions: number;
  /** Number of questions to answer. */
  questions: number;
  /** Approvers of all of them, as a policy names them. */
  approvers: string[];
  /** The first one's message; unset until it is posted. */
  at?: MessageRef;
}

/** Work of a run between a decision about its plan and its end. */
export interface CardActivity {
  asks?: CardAsks;
  /** The model takes no request: the run tries again until then, ISO 8601. */
  pausedUntil?: string;
  /** Steps of an execution. `current`: the step with a call under way, from 1. */
  steps?: { done: number; current?: number; of: number };
}

/** Message that shows a run's state and changes with it. A run that failed before its first plan shows only the goal. */
export interface Card {
  shortId: string;
  goal: string;
  requester: Person;
  planned?: PlanRevision;
  /** Summary of what the model got of the goal's thread. */
  read?: ThreadReading;
  /** Reason why the web could not be searched for the plan. */
  unsearched?: string;
  state: CardState;
  /** Set while the run works. */
  activity?: CardActivity;
  /** Card of the next revision, once that is posted. */
  next?: MessageRef;
}

/** A card, and the message that is to show it. */
export interface ShownCard {
  ref: MessageRef;
  card: Card;
}
