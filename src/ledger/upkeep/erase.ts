import { CountersignError } from '../../platform/errors.js';
import { type Database, marksOf, type Query } from '../database/database.js';
import { ENTRIES_WITH_KEYS } from '../rows/run-keys.js';
import { VIEW_TABLES } from '../views/keep.js';
import { OPEN_STATES, REPAIRED_FOR_MS } from '../views/tables.js';

/** Number of runs that are erased in one transaction. */
const BATCH = 50;

/** Tables besides the entries, their keys and the views that have rows of runs. */
const OWN_ROWS = ['starts', 'payloads', 'payload_parts'] as const;

/** Limits count the starts of a day, and App Home is drawn for the visitors of a day. Older rows are of no use, in milliseconds. */
const USELESS_MS = 48 * 3_600_000;

/** A link that is deleted too early is asked of Slack again, in milliseconds. */
const LINK_MS = 30 * 86_400_000;

/** Reason why a run was not erased. `in-repair`: its messages in Slack don't show its end yet, and will. `without-view`: only its view would say if it is over. */
export type KeptRun = 'open' | 'in-repair' | 'without-view';

/** Erases runs that are over. The entries stay, and their chains hold; nobody can read them any more. */
export function runEraser(database: Database) {
  const { query, transaction } = database;

  /** Erases those of the runs that `findDue` still finds once their writers wait. Returns their ids. */
  const eraseDue = async (
    shortIds: string[],
    findDue: (inside: Query, ids: string[]) => Promise<string[]>,
  ) => {
    const erased: string[] = [];
    for (let from = 0; from < shortIds.length; from += BATCH) {
      const batch = shortIds.slice(from, from + BATCH);
      const work = async (inside: Query) => {
        const due = await findDue(inside, batch);
        if (due.length > 0) await eraseIn(inside, due);
        return due;
      };
      erased.push(...(await transaction(work, batch)));
    }
    return erased;
  };

  return {
    /**
     * Erases the runs that are over and have not changed since a moment (ISO 8601), but for those in repair. Other rows that nothing asks for any
     * more are deleted. Without a moment no run is erased. Returns the number of erased runs. `isStopped` ends the work early.
     */
    async prune(before?: string, isStopped: () => boolean = () => false): Promise<number> {
      const useless = new Date(Date.now() - USELESS_MS).toISOString();
      await transaction(async (inside) => {
        await inside('DELETE FROM starts WHERE at < ?', [useless]);
        await inside('DELETE FROM homes WHERE opened_at < ?', [useless]);
        await inside('DELETE FROM message_links WHERE at < ?', [
          new Date(Date.now() - LINK_MS).toISOString(),
        ]);
      });
      if (before === undefined) return 0;
      let count = 0;
      for (let erased = 1; erased > 0 && !isStopped(); count += erased) {
        const found = await findOld(query, before);
        erased = (await eraseDue(found, (inside, ids) => findOld(inside, before, ids))).length;
      }
      await emptyLog(database);
      return count;
    },

    /** Erases runs, but for those that go on or are in repair. Returns the others, with the reasons. */
    async erase(shortIds: string[]): Promise<Map<string, KeptRun>> {
      const kept = new Map<string, KeptRun>();
      await eraseDue(shortIds, async (inside, ids) => {
        const found = await findKept(inside, ids);
        for (const [id, reason] of found) kept.set(id, reason);
        return ids.filter((id) => !found.has(id));
      });
      await emptyLog(database);
      return kept;
    },

    /** Deletes the record of a person's visits to App Home. */
    async forgetVisits(user: string): Promise<void> {
      await transaction((inside) => inside('DELETE FROM homes WHERE person = ?', [user]));
    },
  };
}

/** Finds runs that are over and have not changed since a moment; of `ids`, or some of all. */
async function findOld(query: Query, before: string, ids?: string[]): Promise<string[]> {
  const among = ids ? `AND run_id IN ${marksOf(ids)}` : '';
  const over = `SELECT run_id FROM runs WHERE changed_at < ? AND state NOT IN ${OPEN_STATES}
    AND NOT (unsettled = 1 AND changed_at > ?) ${among} LIMIT ${BATCH}`;
  // Later entries of an erased run have a key of their own, and no view.
  const late = `SELECT run_id FROM run_keys WHERE number > 1 AND key IS NOT NULL ${among}
    AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.run_id = run_keys.run_id)
    AND EXISTS (SELECT 1 FROM run_keys AS older WHERE older.run_id = run_keys.run_id AND older.key IS NULL)
    AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.run_id = run_keys.run_id AND entries.at >= ?)
    LIMIT ${BATCH}`;
  const sql = `SELECT run_id FROM (${over}) AS found UNION SELECT run_id FROM (${late}) AS found`;
  const rows = await query(sql, [before, repairedSince(), ...(ids ?? []), ...(ids ?? []), before]);
  return rows.map(({ run_id }) => String(run_id));
}

/** Moment since which a run has changed that the reconciler still repairs (ISO 8601). */
function repairedSince(): string {
  return new Date(Date.now() - REPAIRED_FOR_MS).toISOString();
}

/** Finds those of the runs that must not be erased now. A run has no view after an archive was restored, until `countersign migrate`. */
async function findKept(query: Query, ids: string[]): Promise<Map<string, KeptRun>> {
  const among = `run_id IN ${marksOf(ids)}`;
  const sql = `SELECT run_id, CASE WHEN state IN ${OPEN_STATES} THEN 'open' ELSE 'in-repair' END AS reason
    FROM runs WHERE (state IN ${OPEN_STATES} OR (unsettled = 1 AND changed_at > ?)) AND ${among}
    UNION SELECT entries.run_id, 'without-view' FROM ${ENTRIES_WITH_KEYS}
    WHERE entries.${among} AND kind = 'started' AND run_keys.key IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.run_id = entries.run_id)`;
  const rows = await query(sql, [repairedSince(), ...ids, ...ids]);
  return new Map(rows.map(({ run_id, reason }) => [String(run_id), reason as KeptRun]));
}

async function eraseIn(query: Query, ids: string[]): Promise<void> {
  const isOfThem = `run_id IN ${marksOf(ids)}`;
  const sql = `UPDATE run_keys SET key = NULL, erased_at = ? WHERE key IS NOT NULL AND ${isOfThem}`;
  await query(sql, [new Date().toISOString(), ...ids]);
  for (const table of [...VIEW_TABLES, ...OWN_ROWS])
    await query(`DELETE FROM ${table} WHERE ${isOfThem}`, ids);
}

/** Empties the write-ahead log of SQLite, which still has the pages as they were. @throws CountersignError while a reader needs them. */
async function emptyLog({ kind, query }: Pick<Database, 'kind' | 'query'>): Promise<void> {
  if (kind !== 'sqlite') return;
  const [row] = await query('PRAGMA wal_checkpoint(TRUNCATE)');
  if (Number(row?.busy) === 0) return;
  throw new CountersignError(
    'LogNotEmptied',
    'The runs are erased, but the file beside the ledger whose name ends in -wal still has their pages: another process is reading the ledger, such as "countersign ledger verify". Repeat this when it has ended.',
  );
}
