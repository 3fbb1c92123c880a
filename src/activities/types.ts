import type { Card } from '../core/card.js';
import type { Person } from '../core/person.js';
import type { Plan, Research, Usage } from '../core/plan.js';
import type {
  Checkpoint,
  MessageRef,
  Origin,
  PlanRevision,
  RefusedDecision,
  RunFailure,
} from '../core/run.js';

export type LlmRequest =
  | { task: 'plan'; goal: string; research: Research; previous?: { plan: Plan; feedback: string } }
  | { task: 'execute'; goal: string; planned: PlanRevision; approval: { by: string; note: string } };

export type LlmAnswer =
  | { task: 'plan'; plan: Plan; digest: string; usage: Usage }
  | { task: 'execute'; text: string; usage: Usage };

/** What a person is told where only they see it. */
export type PrivateWord =
  | { kind: 'refused'; refused: RefusedDecision; card?: MessageRef }
  | { kind: 'cannot-cancel'; requester: Person }
  | { kind: 'cannot-post'; channel: string; failure: RunFailure; attempt: string };

/** The activities, by the names that the history shows. */
export interface Activities {
  searchWeb(input: { goal: string }): Promise<{ research: Research; usage: Usage }>;
  callLlm(request: LlmRequest): Promise<LlmAnswer>;
  persistCheckpoint(entries: Checkpoint[]): Promise<void>;
  /** Posts a card once: `key` is kept in the message's metadata, and a second attempt looks for it first. */
  postCard(input: { channel: string; key: string; card: Card; replaces?: MessageRef }): Promise<MessageRef>;
  updateCard(input: { ref: MessageRef; card: Card }): Promise<void>;
  /** Posts the result under the card, in as many messages as Slack's limits ask for; returns the first. */
  postResult(input: {
    thread: MessageRef;
    key: string;
    runId: string;
    requester: Person;
    text: string;
  }): Promise<MessageRef>;
  tellPerson(input: { to: Person; runId: string; origin: Origin; word: PrivateWord }): Promise<void>;
}
