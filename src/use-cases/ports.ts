import type { Decision } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import type { Checkpoint, LedgerHead } from '../run/event.js';
import type { FollowUp, RunInput } from '../run/input.js';
import type { MessageRef } from '../run/message-ref.js';
import type { PlanRevision } from '../run/plan.js';
import type { RunEnd, RunSnapshot } from '../run/state.js';
import type { ExecutionEnd, RunMemo, RunSummary } from '../run/summary.js';
import type { NewSchedule, ScheduleChange, ScheduleSummary } from '../schedule/schedule.js';
import type { PermissionPorts } from '../slack/permissions/permissions.js';

/** The use cases' port to the runs in Temporal. Each call answers within two seconds or throws `NotConfirmed`. */
export interface Runs {
  start(input: RunInput): Promise<boolean>;
  /** False when the run is over or was never there; so do the others. */
  decide(runId: string, decision: Decision): Promise<boolean>;
  cancel(runId: string, by: Person): Promise<boolean>;
  retry(
    runId: string,
    executionId: string,
    mayRetry: (input: RunInput) => Promise<boolean>,
    by: Person,
  ): Promise<'started' | 'not-allowed' | 'stale'>;
  /** Undefined when no worker answers in time. */
  snapshot(runId: string): Promise<RunSnapshot | undefined>;
  describe(runId: string): Promise<RunSummary | undefined>;
  end(runId: string): Promise<ExecutionEnd>;
  list(isVisible: (memo: RunMemo) => Promise<boolean>, limit: number): Promise<RunSummary[]>;
}

/** The use cases' port to Temporal's schedules. Each call answers within two seconds or throws `NotConfirmed`. */
export interface Schedules {
  /** Throws an error with code `ScheduleRefused` when Temporal doesn't take the schedule. */
  create(schedule: NewSchedule): Promise<void>;
  describe(id: string): Promise<ScheduleSummary | undefined>;
  change(
    id: string,
    change: ScheduleChange,
    mayChange: (schedule: ScheduleSummary) => Promise<boolean>,
  ): Promise<'done' | 'not-allowed' | 'gone'>;
  list(isVisible: (schedule: ScheduleSummary) => Promise<boolean>): Promise<ScheduleSummary[]>;
}

/** The newest run in a thread, as the ledger knows it. */
export interface RunInThread {
  runId: string;
  memo: RunMemo;
  /** Unset where the ledger knows of no end. */
  ended?: RunEnd['state'];
  /** Its newest card. */
  card?: MessageRef;
  /** Input of a run that follows up on this one. */
  followUp: FollowUp;
}

/** All that the ledger has of a run. Without a `memo` there is no such run. */
export interface Story {
  entries: Checkpoint[];
  head?: LedgerHead;
  memo?: RunMemo;
}

/** The use cases' port to the ledger. */
export interface Stories {
  storyOf(runId: string): Promise<Story>;
  /** The revision of a run's plan that has this digest; undefined where the ledger doesn't have it (yet). */
  planOf(runId: string, digest: string): Promise<PlanRevision | undefined>;
  /**
   * The newest run in the thread under a message; undefined where there is none. `ours`: the message may be a card.
   *
   * @throws CountersignError when the ledger doesn't answer in time.
   */
  runInThread(channel: string, thread: string, under: { ours: boolean }): Promise<RunInThread | undefined>;
}

/** A request of a person that permissions don't allow. */
export interface RefusedRequest {
  by: Person;
  reason: 'cannot-cancel' | 'cannot-retry' | 'cannot-see-details';
  /** Id of the click, command or mention: each delivery of it by Slack has the same. */
  once: string;
}

/** Puts on record what no workflow hears of. Both return at once; the entries are written meanwhile. */
export interface Refusals {
  /** A decision that came when its run was over. */
  late(runId: string, decision: Decision): void;
  refused(runId: string, request: RefusedRequest): void;
}

/** The outside world of the use cases. */
export interface UseCasePorts extends PermissionPorts {
  runs: Runs;
  schedules: Schedules;
  stories: Stories;
  refusals: Refusals;
  /** Where plans are posted; unset: where the run was asked for. */
  approvalChannel?: string;
}
