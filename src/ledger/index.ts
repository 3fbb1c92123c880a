import type { Person } from '../approval/person.js';
import type { Checkpoint } from '../run/event.js';
import { type TakenKeys, append as write } from './append.js';
import { insertRows, openDatabase, type Value } from './database/database.js';
import { migrate } from './database/migrations.js';
import { groupCommits } from './group-commits.js';
import { entryReader } from './read.js';
import { deleteViews, rebuildViews } from './views/keep.js';
import { viewReader } from './views/read.js';

export { flawOf, type StoredEntry, shown } from './chain.js';
export { withoutPassword } from './database/database.js';
export { eventsIn, type ForeignEntry, type LedgerEntry } from './events/events.js';
export { openLedgerToRead } from './read.js';

/** A payload that is kept outside Temporal: its metadata as JSON, and its bytes. */
export interface KeptPayload {
  metadata: string;
  data: Uint8Array;
}

export type Ledger = Awaited<ReturnType<typeof openLedger>>;

export interface LedgerEvents {
  /** Entries are on disk; one that was there already may be told again. */
  appended?(entries: Checkpoint[]): void;
  /** The keys of entries were taken by others that no process of ours wrote; ours are written beside them. */
  keysTaken?(entries: TakenKeys): void;
}

/**
 * Opens the ledger: append only, one hash chain a run; views of the runs are kept in the same transaction.
 *
 * @param url `file:…` (SQLite) or `postgres://…`.
 * @throws ConfigError when it can't be opened.
 */
export async function openLedger(url: string, { appended, keysTaken }: LedgerEvents = {}) {
  const database = await openDatabase(url);
  const { query } = database;
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  const append = groupCommits(async (entries) => {
    const chains = entries.map(({ shortId }) => shortId);
    const { heads, taken } = await database.transaction((inside) => write(inside, entries), chains);
    appended?.(entries);
    if (taken.length > 0) keysTaken?.(taken);
    return heads;
  });
  const insertOnce = (table: string, row: Record<string, Value>) =>
    database.transaction((inside) => insertRows(inside, table, [row], 'ON CONFLICT DO NOTHING'));

  return {
    /** Writes the entries in order, each once. Resolves with where the chain of each of their runs ends now. */
    append,

    ...entryReader(query),
    ...viewReader(query),

    /** Deletes what is kept of a run beside its entries. */
    deleteViews: (shortId: string): Promise<void> =>
      database.transaction((inside) => deleteViews(inside, shortId), [shortId]),

    /** Makes the views of all runs anew from the entries. */
    rebuildViews: (): Promise<void> => database.transaction(rebuildViews),

    /** Remembers that a person has opened App Home. */
    async homeOpened({ team, user }: Person, at: string): Promise<void> {
      await insertOnce('home_hours', { hour: hourOf(at), team, person: user });
    },

    /** People who opened App Home since the hour of a moment (ISO 8601), the last ones first. */
    async homesOpened(since: string, limit: number): Promise<Person[]> {
      const sql = `SELECT team, person FROM home_hours WHERE hour >= ?
        GROUP BY team, person ORDER BY MAX(hour) DESC LIMIT ?`;
      const rows = await query(sql, [hourOf(since), limit]);
      return rows.map(({ team, person }) => ({ team: String(team), user: String(person) }));
    },

    /** Keeps what is too large for Temporal; `id` names its content, so keeping it twice changes nothing. */
    async keepPayload(id: string, { metadata, data }: KeptPayload): Promise<void> {
      await insertOnce('payloads', { id, metadata, data });
    },

    async readPayload(id: string): Promise<KeptPayload | undefined> {
      const [row] = await query('SELECT metadata, data FROM payloads WHERE id = ?', [id]);
      return row && { metadata: String(row.metadata), data: new Uint8Array(row.data as ArrayBuffer) };
    },

    async close(): Promise<void> {
      await append([]);
      await database.close();
    },
  };
}

/** The hour of a moment (ISO 8601), as it sorts. */
function hourOf(at: string): string {
  return at.slice(0, 'yyyy-mm-ddThh'.length);
}
