import type { Ledger } from '../ledger/index.js';
import type { PermissionPorts } from '../slack/permissions/permissions.js';
import type { Runs } from '../temporal/runs.js';
import type { Schedules } from '../temporal/schedules/schedules.js';
import type { Refusals } from './record-refusals.js';

/** Dependencies of the use cases. A call to Temporal throws `NotConfirmed` after two seconds. */
export interface UseCasePorts extends PermissionPorts {
  runs: Omit<Runs, 'running' | 'reportLostCard'>;
  schedules: Omit<Schedules, 'refresh'>;
  ledger: Pick<Ledger, 'read' | 'stored' | 'view' | 'runsIn' | 'runsFor' | 'groups' | 'countStart'>;
  refusals: Omit<Refusals, 'written'>;
}
