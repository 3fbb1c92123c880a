import type { Decision } from '../approval/decision.js';
import type { Person } from '../approval/person.js';
import type { Checkpoint, LedgerHead } from '../run/event.js';
import type { FollowUp } from '../run/input.js';
import type { MessageRef } from '../run/message-ref.js';
import type { PlanRevision } from '../run/plan.js';
import type { RunEnd } from '../run/state.js';
import type { RunMemo } from '../run/summary.js';
import type { PermissionPorts } from '../slack/permissions/permissions.js';
import type { Runs } from '../temporal/runs.js';
import type { Schedules } from '../temporal/schedules.js';

/** The outside world of the use cases. Temporal answers within two seconds, or the call throws `NotConfirmed`. */
export interface UseCasePorts extends PermissionPorts {
  runs: Omit<Runs, 'running' | 'reportLostCard'>;
  schedules: Omit<Schedules, 'refresh'>;
  stories: Stories;
  refusals: Refusals;
  /** Where plans are posted; unset: where the run was asked for. */
  approvalChannel?: string;
}

/** Runs as the ledger has them. */
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

/** All that the ledger has of a run. Without a `memo` there is no such run. */
export interface Story {
  entries: Checkpoint[];
  head?: LedgerHead;
  memo?: RunMemo;
  /** The newest card; not one of its copies. */
  card?: MessageRef;
}

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

/** Puts on record what no workflow hears of. Both return at once; the entries are written meanwhile. */
export interface Refusals {
  /** A decision that came when its run was over. */
  late(runId: string, decision: Decision): void;
  refused(runId: string, request: RefusedRequest): void;
}

/** A request of a person that permissions don't allow. */
export interface RefusedRequest {
  by: Person;
  reason: 'cannot-cancel' | 'cannot-retry' | 'cannot-see-details';
  /** Id of the click, command or mention: each delivery of it by Slack has the same. */
  once: string;
}
