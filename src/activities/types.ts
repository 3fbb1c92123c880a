import type { Evidence } from '../core/approval.js';
import type { Card } from '../core/card.js';
import type { Person } from '../core/person.js';
import type { Plan, Research, Usage } from '../core/plan.js';
import type { ApprovalPolicy } from '../core/policy.js';
import type {
  Checkpoint,
  LedgerHead,
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
  /** `who`: those who can approve, for whom it isn't clear. */
  | {
      kind: 'refused';
      refused: RefusedDecision;
      card?: MessageRef;
      who?: { policy: ApprovalPolicy; requester: Person };
    }
  | { kind: 'cannot-cancel'; requester: Person }
  | { kind: 'cannot-post'; channel: string; failure: RunFailure; attempt: string };

/** The activities, by the names that the history shows. */
export interface Activities {
  searchWeb(input: { goal: string }): Promise<{ research: Research; usage: Usage }>;
  callLlm(request: LlmRequest): Promise<LlmAnswer>;
  /** Resolves with where the run's chain ends; before 0.3 with nothing. */
  persistCheckpoint(entries: Checkpoint[]): Promise<LedgerHead | undefined>;
  /** Posts a card once: `key` is kept in the message's metadata, and a second attempt looks for it first. */
  postCard(input: {
    channel: string;
    key: string;
    card: Card;
    replaces?: MessageRef;
    /** The revision before this one: the thread shows what has changed. */
    previous?: PlanRevision;
  }): Promise<MessageRef>;
  updateCard(input: { ref: MessageRef; card: Card }): Promise<void>;
  /** Posts the result under the card, in as many messages as Slack's limits ask for; returns the first. */
  postResult(input: {
    thread: MessageRef;
    key: string;
    runId: string;
    requester: Person;
    text: string;
  }): Promise<MessageRef>;
  /** Asks Slack who is in the groups, and whether there is such a person; `fresh` past what is remembered for a moment. */
  lookUp(question: { groups: string[]; person?: Person; fresh: boolean }): Promise<Evidence>;
  /** The digest of a plan that a person made. */
  digestPlan(plan: Plan): Promise<string>;
  /** Mentions, in the card's thread, those who can approve and haven't; returns their ids. */
  remindApprovers(input: {
    what: 'reminder' | 'escalation';
    thread: MessageRef;
    key: string;
    card: Card;
  }): Promise<string[]>;
  /** Sends a direct message to each of those whom the policy names, but for those who were `told`; returns the messages. */
  notifyApprovers(input: {
    card: Card;
    at: MessageRef;
    key: string;
    told: MessageRef[];
  }): Promise<MessageRef[]>;
  /** Says in the direct messages what became of it. */
  updateNotices(input: { card: Card; at: MessageRef; messages: MessageRef[] }): Promise<void>;
  tellPerson(input: { to: Person; runId: string; origin: Origin; word: PrivateWord }): Promise<void>;
}
