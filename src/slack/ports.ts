import type { Decision } from '../core/approval.js';
import type { Person } from '../core/person.js';
import type { ApprovalPolicy } from '../core/policy.js';
import type {
  Checkpoint,
  LedgerHead,
  PlanRevision,
  RunFailure,
  RunInput,
  RunOutcome,
  RunSnapshot,
} from '../core/run.js';
import type { Answer } from '../core/thread.js';
import type { Directory } from './directory.js';

/** What a listener needs to know of a run. */
export interface RunSummary {
  runId: string;
  memo: { goal: string; requester: Person; channel: string; approvers: string[] };
  /** Temporal's own word: RUNNING, COMPLETED, FAILED, TERMINATED, … */
  status: string;
  startedAt: Date;
}

export type RunEnding =
  | { kind: 'outcome'; outcome: RunOutcome }
  | { kind: 'failed'; failure: RunFailure }
  | { kind: 'gone'; reason: string };

/** What the listeners need of Temporal. Each answers within two seconds or throws. */
export interface Runs {
  start(input: RunInput): Promise<boolean>;
  decide(runId: string, decision: Decision): Promise<boolean>;
  /** An answer to a question. False when the run is over or was never there. */
  answer(runId: string, answer: Answer): Promise<boolean>;
  cancel(runId: string, by: Person): Promise<boolean>;
  retry(
    runId: string,
    attempt: string,
    allowed: (input: RunInput) => Promise<boolean>,
    by: Person,
  ): Promise<'started' | 'not-allowed' | 'stale'>;
  snapshot(runId: string): Promise<RunSnapshot | undefined>;
  describe(runId: string): Promise<RunSummary | undefined>;
  end(runId: string): Promise<RunEnding>;
  list(visible: (memo: RunSummary['memo']) => Promise<boolean>, limit: number): Promise<RunSummary[]>;
}

/** A tool server that isn't available, and why, in words. */
export interface ToolProblem {
  server: string;
  reason: string;
}

/** What every listener is given. */
export interface ListenerContext {
  runs: Runs;
  /** The policy that holds in a channel. */
  policyFor(channel: string): ApprovalPolicy;
  directory: Pick<Directory, 'members'>;
  /** The revision of a run's plan that has this digest; undefined where it isn't known (yet). */
  planOf(runId: string, digest: string): Promise<PlanRevision | undefined>;
  /** What the ledger knows of a run, and who may see it; without a `memo` there is no such run. */
  storyOf(runId: string): Promise<{ entries: Checkpoint[]; head?: LedgerHead; memo?: RunSummary['memo'] }>;
  /** Somebody opened App Home. */
  homeOpened(person: Person): Promise<void>;
  /** Something happened to a channel that may put the cards in it out of people's reach. */
  lookAfterCards(channel: string): void;
  /** The tool servers that aren't available just now, and why. */
  toolProblems(): ToolProblem[];
  /** The team that runs the app. */
  homeTeam: string;
  /** Where plans are posted; unset: where the command was used. */
  approvalChannel?: string;
  runIdOf(command: {
    team: string;
    channel: string;
    user: string;
    triggerId: string;
    responseUrl: string;
    text: string;
  }): string;
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
}
