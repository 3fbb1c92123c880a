import type { Decision } from './approval.js';
import type { Person } from './person.js';
import type { ApprovalPolicy } from './policy.js';
import type { MessageRef, PlanRevision, RunFailure } from './run.js';

/** What a card says of its run. Only `waiting` has the decision's buttons, only `failed` has `Retry`. */
export type CardState =
  | { kind: 'waiting'; requestId: string; policy: ApprovalPolicy; votes: Decision[]; expiresAt: string }
  | { kind: 'executing'; votes: Decision[] }
  | { kind: 'completed'; votes: Decision[]; result: MessageRef }
  | { kind: 'rejected' | 'changed'; decision: Decision }
  | { kind: 'expired'; at: string }
  | { kind: 'cancelled'; at: string; by?: Person; votes: Decision[] }
  | { kind: 'failed'; failure: RunFailure; attempt: string; votes: Decision[] }
  | { kind: 'retried'; by?: Person };

/** A message about a run that changes with it. Without a plan (the run failed before there was one) it shows the goal alone. */
export interface Card {
  runId: string;
  goal: string;
  requester: Person;
  planned?: PlanRevision;
  state: CardState;
}
