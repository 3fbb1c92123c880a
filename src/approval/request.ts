import type { Decision, DecisionKind } from './decision.js';
import type { Person } from './person.js';
import type { ApprovalPolicy } from './policy.js';

/** A possible answer to a question. */
export interface Choice {
  id: string;
  /** Label of its button. */
  label: string;
  /** True if the requester may choose it, whoever else may answer: a requester may always stop their run. */
  forRequester?: boolean;
}

/** An item of a request, which people decide on its own. It is plain data, and goes unchanged into the ledger and into messages. */
export interface ApprovalItem {
  /** Unique within its request. */
  id: string;
  /** SHA-256 of the plan or of the tool call, in hex; empty for a question. */
  digest: string;
  takes: DecisionKind[];
  /** Choices of a question; may be empty. */
  choices?: Choice[];
  /** True if the item takes an answer in the person's own words. */
  freeText?: boolean;
  /** Set for a tool call that is decided about alone: no approval is of another item, or of later calls, too. */
  alone?: true;
  /** Set for an edited tool call: its approval is of no later calls. */
  once?: true;
  /** Policy for the item. An escalation changes it. */
  policy: ApprovalPolicy;
  /** People who edited the plan or the call, or asked for the plan's changes. Under four eyes they count like the requester. */
  editors?: Person[];
  /** Approvals so far, oldest first. */
  votes: Decision[];
  /** Expiry, ISO 8601. An extension changes it. */
  expiresAt: string;
  /** Unset while the item is open. */
  outcome?: Outcome;
}

/** An outcome that people decided. */
export interface Verdict {
  kind: Exclude<DecisionKind, 'extend'>;
  /** The decision that ended the item. */
  decision: Decision;
  votes: Decision[];
}

/** End of an item. `withdrawn`: the run ended, or went on, before a decision. */
export type Outcome = Verdict | { kind: 'expired'; at: string } | { kind: 'withdrawn' };

export function isVerdict(outcome: Outcome): outcome is Verdict {
  return outcome.kind !== 'expired' && outcome.kind !== 'withdrawn';
}

/** True if every counted approval also covers later calls of the tool. */
export function coversEveryCall(outcome: Outcome): boolean {
  return outcome.kind === 'approve' && outcome.votes.every(({ everyCall }) => everyCall === true);
}
