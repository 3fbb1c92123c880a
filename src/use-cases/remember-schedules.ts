import type { Person } from '../approval/person.js';
import type { ScheduleSummary } from '../schedule/schedule.js';
import { warnOf } from '../telemetry/warnings.js';
import type { UseCasePorts } from './ports.js';
import { listSchedules } from './schedule-runs.js';

/** Time for which a person's schedules are remembered, in milliseconds: App Home is drawn at each change of any run. */
const REMEMBERED_MS = 60_000;

/** Remembers people's schedules for App Home. Without an answer of Temporal the last known ones stay. */
export function rememberSchedules(ports: UseCasePorts) {
  const known = new Map<string, { at: number; schedules?: ScheduleSummary[] }>();
  const changes = new Map<string, string>();
  const keyOf = ({ team, user }: Person) => `${team}/${user}`;

  return {
    /** Schedules that a person may change; undefined while nobody knows them. */
    async of(person: Person): Promise<ScheduleSummary[] | undefined> {
      const key = keyOf(person);
      const last = known.get(key);
      if (last && Date.now() - last.at < REMEMBERED_MS) return last.schedules;
      const changed = changes.get(key);
      changes.delete(key);
      try {
        known.set(key, { at: Date.now(), schedules: await listSchedules(ports, person, changed) });
      } catch (err) {
        warnOf('home', err, 'The schedules could not be listed for App Home');
        known.set(key, { ...last, at: Date.now() });
      }
      return known.get(key)?.schedules;
    },

    /** Lists a person's schedules anew the next time. `changed`: the id of one that Temporal's list may lack, or show as it was. */
    look(person: Person, changed?: string): void {
      known.delete(keyOf(person));
      if (changed !== undefined) changes.set(keyOf(person), changed);
    },

    forget(): void {
      known.clear();
    },
  };
}
