import type { Ledger } from '../ledger/index.js';
import type { PermissionPorts } from '../slack/permissions/permissions.js';
import type { Runs } from '../temporal/runs.js';
import type { Schedules } from '../temporal/schedules.js';
import type { Refusals } from './record-refusals.js';

/** The outside world of the use cases. Temporal answers within two seconds, or the call throws `NotConfirmed`. */
export interface UseCasePorts extends PermissionPorts {
  runs: Omit<Runs, 'running' | 'reportLostCard'>;
  schedules: Omit<Schedules, 'refresh'>;
  ledger: Pick<Ledger, 'read' | 'stored' | 'view' | 'runsIn' | 'runsFor' | 'groups'>;
  refusals: Omit<Refusals, 'written'>;
  /** Where plans are posted; unset: where the run was asked for. */
  approvalChannel?: string;
}
