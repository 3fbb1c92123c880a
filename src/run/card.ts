import type { Decision } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import type { LedgerHead } from './event.js';
import type { MessageRef } from './message.js';
import type { PlanRevision } from './plan.js';
import type { RequestItem } from './request.js';
import type { GoneOutcome, RunFailure } from './state.js';

/** A finished card names the end of the run's chain in the ledger, so that a change of the ledger shows. */
export interface Sealed {
  head?: LedgerHead;
}

/** State of a run as its card shows it. Only `waiting` has the decision's buttons, only `failed` has `Retry`. */
export type CardState =
  | {
      kind: 'waiting';
      request: string;
      /** The request's one item. */
      item: RequestItem;
      /** When the card was drawn, ISO 8601: the card says how much time was left then. */
      asOf: string;
      /** Set on a card that was sent to people because its channel can't be reached. */
      unreachable?: { channel: string; reason: string };
    }
  | { kind: 'executing'; votes: Decision[] }
  /** `direct`: the result went to the requester, because it could not be posted under the card. */
  | ({ kind: 'completed'; votes: Decision[]; result: MessageRef; direct?: boolean } & Sealed)
  /** `edit` is among the changes: a person made the next revision. */
  | { kind: 'changed'; decision: Decision }
  | ({ kind: 'rejected'; decision: Decision } & Sealed)
  | ({ kind: 'expired'; at: string } & Sealed)
  /** `why`: the reason, where nobody cancelled it. `done`: calls by then that may have changed something. */
  | ({
      kind: 'cancelled';
      at: string;
      by?: Person;
      votes: Decision[];
      why?: string;
      done?: string[];
    } & Sealed)
  | ({ kind: 'failed'; failure: RunFailure; executionId: string; votes: Decision[] } & Sealed)
  | { kind: 'retried'; by?: Person }
  /** Temporal ended the run, or knows nothing of it any more; the run itself could not say so. */
  | { kind: 'gone'; at: string; why: GoneOutcome['why'] };

/** A message about a run that changes with it. Without a plan (the run failed before there was one) it shows the goal alone. */
export interface Card {
  shortId: string;
  goal: string;
  requester: Person;
  planned?: PlanRevision;
  state: CardState;
}
