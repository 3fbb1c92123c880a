import type { StartLimits } from '../approval/policy.js';
import type { LimitReached } from '../run/admission.js';
import { type TakenKeys, append as write } from './append.js';
import { insertRows, openDatabase, type Value } from './database/database.js';
import { migrate } from './database/migrations.js';
import { groupCommits } from './group-commits.js';
import { homeRows } from './homes.js';
import { leaseRows } from './leases.js';
import { linkRows } from './links.js';
import { loginRows } from './logins.js';
import { entryReader } from './read.js';
import { countStart, type Start, startChains } from './starts.js';
import { schemaRows } from './tool-schemas.js';
import { deleteViews, rebuildViews } from './views/keep.js';
import { viewReader } from './views/read.js';

export { flawOf, type StoredEntry, shown } from './chain.js';
export { withoutPassword } from './database/database.js';
export { eventsIn, type ForeignEntry, type LedgerEntry } from './events/events.js';
export { type ExaminedLedger, examineLedger } from './examine.js';
export type { OpenedHome } from './homes.js';
export type { SealedLogin } from './logins.js';
export { openLedgerToRead } from './read.js';
export { BEGINNING, type PlacedEntry } from './since.js';

/** A payload that is stored outside Temporal: its metadata as JSON, and its bytes. */
export interface KeptPayload {
  metadata: string;
  data: Uint8Array;
}

export type Ledger = Awaited<ReturnType<typeof openLedger>>;

export interface LedgerEvents {
  /** Called when foreign entries hold the keys of these entries, which were then stored under other keys. */
  keysTaken?(entries: TakenKeys): void;
}

/**
 * Opens the ledger: append-only, with one hash chain a run. Views of the runs change in the same transaction as the entries.
 *
 * @param url `file:…` (SQLite) or `postgres://…`.
 * @throws ConfigError when it can't be opened.
 */
export async function openLedger(url: string, { keysTaken }: LedgerEvents = {}) {
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
    if (taken.length > 0) keysTaken?.(taken);
    return heads;
  });
  const insertOnce = (table: string, row: Record<string, Value>) =>
    database.transaction((inside) => insertRows(inside, table, [row], 'ON CONFLICT DO NOTHING'));

  return {
    /** Appends the entries in order, each once. Resolves with the new head of each run's chain. */
    append,

    ...entryReader(database),
    ...viewReader(query),
    ...loginRows(database),
    ...leaseRows(database),
    ...homeRows(database),
    ...schemaRows(database),
    ...linkRows(database),

    /** Asks the database for nothing. @throws when it doesn't answer. */
    async ping(): Promise<void> {
      await query('SELECT 1');
    },

    /** Deletes the views of a run; the entries stay. */
    deleteViews: (shortId: string): Promise<void> =>
      database.transaction((inside) => deleteViews(inside, shortId), [shortId]),

    /** Rebuilds the views of all runs from the entries. */
    rebuildViews: (): Promise<void> => database.transaction(rebuildViews),

    /** Counts a start of a run, in one transaction. Returns the limit that it would exceed; then it doesn't count. */
    countStart: (start: Start, limits: StartLimits): Promise<LimitReached | undefined> =>
      database.transaction((inside) => countStart(inside, start, limits), startChains(start)),

    /** Stores a payload that is too large for Temporal. `id` is derived from the content, so storing it twice changes nothing. */
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
