import type { Person } from '../approval/person.js';
import type { StartLimits } from '../approval/policy.js';
import type { LimitReached } from '../run/admission.js';
import type { Checkpoint } from '../run/event.js';
import { measure, stopwatch } from '../telemetry/metrics.js';
import { type NewEntries, type TakenKeys, append as write } from './append.js';
import { insertRows, openDatabase, type Value } from './database/database.js';
import { migrate } from './database/migrations.js';
import { groupCommits } from './group-commits.js';
import { loginRows } from './logins.js';
import { entryReader } from './read.js';
import { countStart, type Start, startChains } from './starts.js';
import { deleteViews, rebuildViews } from './views/keep.js';
import { viewReader } from './views/read.js';

export type { NewEntries } from './append.js';
export { flawOf, type StoredEntry, shown } from './chain.js';
export { withoutPassword } from './database/database.js';
export { eventsIn, type ForeignEntry, type LedgerEntry } from './events/events.js';
export { type ExaminedLedger, examineLedger } from './examine.js';
export type { SealedLogin } from './logins.js';
export { openLedgerToRead } from './read.js';

/** A payload that is stored outside Temporal: its metadata as JSON, and its bytes. */
export interface KeptPayload {
  metadata: string;
  data: Uint8Array;
}

export type Ledger = Awaited<ReturnType<typeof openLedger>>;

export interface LedgerEvents {
  /** Called when entries are on disk. An entry that already existed may be reported again. */
  appended?(entries: Checkpoint[]): void;
  /** Called with the entries that were not on disk before, after their transaction. */
  recorded?(news: NewEntries[]): void;
  /** Called when foreign entries hold the keys of these entries, which were then stored under other keys. */
  keysTaken?(entries: TakenKeys): void;
}

/**
 * Opens the ledger: append-only, with one hash chain a run. Views of the runs change in the same transaction as the entries.
 *
 * @param url `file:…` (SQLite) or `postgres://…`.
 * @throws ConfigError when it can't be opened.
 */
export async function openLedger(url: string, { appended, recorded, keysTaken }: LedgerEvents = {}) {
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
    const { heads, taken, news } = await timed(() =>
      database.transaction((inside) => write(inside, entries), chains),
    );
    appended?.(entries);
    recorded?.(news);
    if (taken.length > 0) keysTaken?.(taken);
    return heads;
  });
  const insertOnce = (table: string, row: Record<string, Value>) =>
    database.transaction((inside) => insertRows(inside, table, [row], 'ON CONFLICT DO NOTHING'));

  return {
    /** Appends the entries in order, each once. Resolves with the new head of each run's chain. */
    append,

    ...entryReader(query),
    ...viewReader(query),
    ...loginRows(database),

    /** Deletes the views of a run; the entries stay. */
    deleteViews: (shortId: string): Promise<void> =>
      database.transaction((inside) => deleteViews(inside, shortId), [shortId]),

    /** Rebuilds the views of all runs from the entries. */
    rebuildViews: (): Promise<void> => database.transaction(rebuildViews),

    /** Counts a start of a run, in one transaction. Returns the limit that it would exceed; then it doesn't count. */
    countStart: (start: Start, limits: StartLimits): Promise<LimitReached | undefined> =>
      database.transaction((inside) => countStart(inside, start, limits), startChains(start)),

    /** Records that a person opened App Home. */
    async homeOpened({ team, user }: Person, at: string): Promise<void> {
      await insertOnce('home_hours', { hour: hourOf(at), team, person: user });
    },

    /** People who opened App Home since the hour of a moment (ISO 8601), latest first. */
    async homesOpened(since: string, limit: number): Promise<Person[]> {
      const sql = `SELECT team, person FROM home_hours WHERE hour >= ?
        GROUP BY team, person ORDER BY MAX(hour) DESC LIMIT ?`;
      const rows = await query(sql, [hourOf(since), limit]);
      return rows.map(({ team, person }) => ({ team: String(team), user: String(person) }));
    },

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

/** Measures how long a transaction takes that appends. */
async function timed<T>(append: () => Promise<T>): Promise<T> {
  const seconds = stopwatch();
  try {
    const done = await append();
    measure('countersign.ledger.append.duration', seconds(), { outcome: 'ok' });
    return done;
  } catch (error) {
    measure('countersign.ledger.append.duration', seconds(), { outcome: 'failed' });
    throw error;
  }
}

/** The hour of a moment (ISO 8601), in a form that sorts. */
function hourOf(at: string): string {
  return at.slice(0, 'yyyy-mm-ddThh'.length);
}
