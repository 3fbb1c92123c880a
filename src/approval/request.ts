import type { Decision, DecisionKind } from './decision.js';
import type { Person } from './person.js';
import type { ApprovalPolicy } from './policy.js';

/** An answer to choose. */
export interface Choice {
  id: string;
  /** Text on its button. */
  label: string;
  /** The requester may take it, whoever else may answer: they may always stop what they asked for. */
  forRequester?: boolean;
}

/** An item of a request: people decide about each on its own. It is data, and goes into the ledger and into messages as it is. */
export interface ApprovalItem {
  /** Unique within its request. */
  id: string;
  /** SHA-256 of the plan or of the tool call, in hex; empty for a question. */
  digest: string;
  takes: DecisionKind[];
  /** A question's; may be empty. */
  choices?: Choice[];
  /** True if an answer in one's own words is taken. */
  freeText?: boolean;
  /** The policy that says who decides. An escalation changes it. */
  policy: ApprovalPolicy;
  /** Those who edited the plan by hand; under four eyes they count like the requester. */
  editors?: Person[];
  /** Approvals so far, in order. */
  votes: Decision[];
  /** ISO 8601. An extension changes it. */
  expiresAt: string;
  /** Unset while it waits. */
  outcome?: Outcome;
}

/** An end that people brought about. */
export interface Verdict {
  kind: Exclude<DecisionKind, 'extend'>;
  /** The decision that ended it. */
  decision: Decision;
  votes: Decision[];
}

/** An item's end. `withdrawn`: the run ended, or went on, before anybody decided. */
export type Outcome = Verdict | { kind: 'expired'; at: string } | { kind: 'withdrawn' };

export function isVerdict(outcome: Outcome): outcome is Verdict {
  return outcome.kind !== 'expired' && outcome.kind !== 'withdrawn';
}

/** True if everybody whose approval counted approved every later call of the tool, too. */
export function coversEveryCall(outcome: Outcome): boolean {
  return outcome.kind === 'approve' && outcome.votes.every(({ everyCall }) => everyCall === true);
}
