import type { Person } from '../../approval/person.js';
import type { ScheduleSummary } from '../../schedule/schedule.js';
import { warnOf } from '../../telemetry/warnings.js';
import type { UseCasePorts } from '../ports.js';
import { listSchedules } from '../schedule-runs.js';

/** Time for which a person's schedules are remembered, in milliseconds: App Home is drawn at each change of any run. */
const REMEMBERED_MS = 60_000;

/** Time for which Temporal's list may lack a change that another process made, in milliseconds. */
const LAGS_MS = 5_000;

/** Remembers people's schedules for App Home. Without an answer of Temporal the last known ones stay. */
export function rememberSchedules(ports: UseCasePorts) {
  const known = new Map<string, { until: number; schedules?: ScheduleSummary[] }>();
  const changes = new Map<string, string>();
  const settledAt = new Map<string, number>();
  const keyOf = ({ team, user }: Person) => `${team}/${user}`;

  return {
    /** Schedules that a person may change; undefined while nobody knows them. */
    async of(person: Person): Promise<ScheduleSummary[] | undefined> {
      const key = keyOf(person);
      const last = known.get(key);
      if (last && Date.now() < last.until) return last.schedules;
      const changed = changes.get(key);
      changes.delete(key);
      const isSettled = (settledAt.get(key) ?? 0) <= Date.now();
      const until = Date.now() + (isSettled ? REMEMBERED_MS : LAGS_MS);
      if (isSettled) settledAt.delete(key);
      try {
        known.set(key, { until, schedules: await listSchedules(ports, person, changed) });
      } catch (err) {
        warnOf('home', err, 'The schedules could not be listed for App Home');
        known.set(key, { ...last, until });
      }
      return known.get(key)?.schedules;
    },

    /** Lists a person's schedules anew the next time. `changed`: the id of one that Temporal's list may lack, or show as it was. */
    look(person: Person, changed?: string): void {
      known.delete(keyOf(person));
      if (changed !== undefined) changes.set(keyOf(person), changed);
    },

    /** Lists a person's schedules anew for a while: another process may have changed one. */
    lookForAWhile(person: Person): void {
      known.delete(keyOf(person));
      settledAt.set(keyOf(person), Date.now() + LAGS_MS);
    },

    forget(): void {
      known.clear();
    },
  };
}
