import type { Decision } from '../../approval/judge.js';
import type { Person } from '../../approval/person.js';
import type { ApprovalPolicy } from '../../approval/policy.js';
import type {
  Checkpoint,
  FollowUp,
  LedgerHead,
  MessageRef,
  PlanRevision,
  RunFailure,
  RunInput,
  RunOutcome,
  RunSnapshot,
  RunState,
} from '../../run/run.js';
import type { Answer } from '../../run/thread.js';
import type { NewSchedule, ScheduleChange, ScheduleSummary } from '../../schedule/schedule.js';
import type { Directory } from '../permissions/directory.js';

/** What a listener needs to know of a run. */
export interface RunSummary {
  runId: string;
  memo: { goal: string; requester: Person; channel: string; approvers: string[] };
  /** Temporal's own word: RUNNING, COMPLETED, FAILED, TERMINATED, … */
  status: string;
  startedAt: Date;
}

/** The newest run in a thread, as the ledger knows it. */
export interface RunInThread {
  runId: string;
  memo: RunSummary['memo'];
  /** How it ended; unset where the ledger knows of no end. */
  ended?: RunState | 'gone';
  /** Its newest card. */
  card?: MessageRef;
  /** For a run that follows up on it. */
  followUp: FollowUp;
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

/** What the listeners need of Temporal's schedules. Each answers within two seconds or throws. */
export interface Schedules {
  /** Throws an error with code `ScheduleRefused` when Temporal won't take it. */
  create(schedule: NewSchedule): Promise<void>;
  describe(id: string): Promise<ScheduleSummary | undefined>;
  change(
    id: string,
    change: ScheduleChange,
    allowed: (schedule: ScheduleSummary) => Promise<boolean>,
  ): Promise<'done' | 'not-allowed' | 'gone'>;
  list(visible: (schedule: ScheduleSummary) => Promise<boolean>): Promise<ScheduleSummary[]>;
}

/** What a person asked of a run and may not have. */
export interface RefusedRequest {
  by: Person;
  reason: 'cannot-cancel' | 'cannot-retry' | 'cannot-see-details';
  /** Tells it apart from their other ones; the same for every delivery by Slack. */
  once: string;
}

/** A tool server that isn't available, and why, in words. */
export interface ToolProblem {
  server: string;
  reason: string;
}

/** What every listener is given. */
export interface ListenerContext {
  runs: Runs;
  schedules: Schedules;
  /** The policy that holds in a channel. */
  policyFor(channel: string): ApprovalPolicy;
  directory: Pick<Directory, 'members'>;
  /** The revision of a run's plan that has this digest; undefined where it isn't known (yet). */
  planOf(runId: string, digest: string): Promise<PlanRevision | undefined>;
  /** Puts a refusal on record that no workflow hears of, beside what the person waits for. */
  recordRefused(runId: string, asked: RefusedRequest): void;
  /** What the ledger knows of a run, and who may see it; without a `memo` there is no such run. */
  storyOf(runId: string): Promise<{ entries: Checkpoint[]; head?: LedgerHead; memo?: RunSummary['memo'] }>;
  /** The newest run in the thread under a message; undefined where there is none. `ours`: the message may be a card. */
  followUpIn(channel: string, threadTs: string, under: { ours: boolean }): Promise<RunInThread | undefined>;
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
  /** The same for every delivery of one command, or of one mention (`ts` is the message's). */
  runIdOf(
    asked: { team: string; channel: string; user: string; text: string } & (
      | { triggerId: string; responseUrl: string }
      | { ts: string }
    ),
  ): string;
  log: { warn(fields: object, message: string): void; error(fields: object, message: string): void };
}
