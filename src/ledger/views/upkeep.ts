import type { Database, Row } from '../database/database.js';
import { remakeViews, VIEW_VERSION } from './keep.js';

/** Number of runs whose views are made anew in one transaction. Writers of these runs wait for it. */
const BATCH = 100;

const FIND_OLD = `SELECT run_id FROM runs WHERE view_version < ? LIMIT ${BATCH}`;
const FIND_MISSING = `SELECT DISTINCT entries.run_id FROM entries JOIN run_keys ON run_keys.run_id = entries.run_id
    AND run_keys.number = entries.key_number AND run_keys.key IS NOT NULL
  WHERE kind = 'started' AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.run_id = entries.run_id)`;

/** Makes views anew, a few runs at a time, while others read and write. */
export function viewUpkeep(database: Database) {
  const { query, transaction } = database;
  const idsIn = (rows: Row[]) => rows.map(({ run_id }) => String(run_id));
  const remake = async (ids: string[]) => {
    for (let from = 0; from < ids.length; from += BATCH) {
      const batch = ids.slice(from, from + BATCH);
      await transaction((inside) => remakeViews(inside, batch), batch);
    }
  };
  return {
    /** Makes the views of all runs anew from the entries. */
    async rebuildViews(): Promise<void> {
      await remake(idsIn(await query('SELECT DISTINCT run_id FROM entries')));
    },

    /** Makes the views anew that an older version of the service made. Returns their number. `isStopped` ends the work early. */
    async refreshViews(isStopped: () => boolean = () => false): Promise<number> {
      let count = 0;
      for (;;) {
        const old = isStopped() ? [] : idsIn(await query(FIND_OLD, [VIEW_VERSION]));
        if (old.length === 0) return count;
        await remake(old);
        count += old.length;
      }
    },

    /** Makes the views that are missing, as after a backup of the entries alone. Returns their number. */
    async addMissingViews(): Promise<number> {
      const missing = idsIn(await query(FIND_MISSING));
      await remake(missing);
      return missing.length;
    },
  };
}
