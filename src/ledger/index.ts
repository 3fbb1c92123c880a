import type { StartLimits } from '../approval/policy.js';
import type { LimitReached } from '../run/admission.js';
import { measure, stopwatch } from '../telemetry/metrics.js';
import { type NewEntries, type TakenKeys, append as write } from './append.js';
import { openDatabase } from './database/database.js';
import { migrate } from './database/migrations.js';
import { groupCommits } from './group-commits.js';
import { entryReader } from './read.js';
import { homeRows } from './rows/homes.js';
import { leaseRows } from './rows/leases.js';
import { linkRows } from './rows/links.js';
import { loginRows } from './rows/logins.js';
import { payloadRows } from './rows/payloads.js';
import { countStart, type Start, startChains } from './rows/starts.js';
import { schemaRows } from './rows/tool-schemas.js';
import { runEraser } from './upkeep/erase.js';
import { deleteViews } from './views/keep.js';
import { viewReader } from './views/read.js';
import { viewUpkeep } from './views/upkeep.js';

export type { NewEntries } from './append.js';
export { flawOf, type StoredEntry, shown } from './chain.js';
export { withoutPassword } from './database/database.js';
export { eventsIn, type ForeignEntry, type LedgerEntry } from './events/events.js';
export { openLedgerToRead } from './read.js';
export type { OpenedHome } from './rows/homes.js';
export type { SealedLogin } from './rows/logins.js';
export { BEGINNING, type PlacedEntry } from './since.js';
export type { KeptRun } from './upkeep/erase.js';
export { type ExaminedLedger, examineLedger } from './upkeep/examine.js';

export type Ledger = Awaited<ReturnType<typeof openLedger>>;

export interface LedgerEvents {
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
export async function openLedger(url: string, { recorded, keysTaken }: LedgerEvents = {}) {
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
    recorded?.(news);
    if (taken.length > 0) keysTaken?.(taken);
    return heads;
  });

  return {
    /** Appends the entries in order, each once. Resolves with the new head of each run's chain. */
    append,

    ...entryReader(database),
    ...viewReader(query),
    ...loginRows(database),
    ...leaseRows(database),
    ...payloadRows(database),
    ...runEraser(database),
    ...viewUpkeep(database),
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

    /** Counts a start of a run, in one transaction. Returns the limit that it would exceed; then it doesn't count. */
    countStart: (start: Start, limits: StartLimits): Promise<LimitReached | undefined> =>
      database.transaction((inside) => countStart(inside, start, limits), startChains(start)),

    /** Uses another user or password from now on. @throws when the server refuses them. */
    async useAddress(address: string): Promise<void> {
      await database.useAddress?.(address);
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
