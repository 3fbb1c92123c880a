import { ConfigError } from '../platform/errors.js';
import type { EventKind } from '../run/event.js';
import { entryFrom, type StoredEntry } from './chain.js';
import { type Database, marksOf, openDatabase, withoutPassword } from './database/database.js';
import { hasTable, versionOf } from './database/migrations.js';
import { eventsIn, type LedgerEntry } from './events/events.js';
import { ENTRIES_WITH_KEYS, ENTRY_COLUMNS } from './rows/run-keys.js';
import { cursorReader } from './since.js';

/**
 * Opens an existing ledger read-only: nothing is created or changed, and a user with only SELECT rights suffices.
 *
 * @throws ConfigError when the ledger is missing.
 */
export async function openLedgerToRead(url: string) {
  const database = await openDatabase(url, true);
  try {
    if (!(await hasTable(database, 'entries'))) throw unreadable(url, 'none of its tables is there');
    await versionOf(database);
    return { ...entryReader(database), close: database.close };
  } catch (error) {
    await database.close();
    if (error instanceof ConfigError) throw error;
    throw unreadable(url, error instanceof Error ? error.message : String(error), error);
  }
}

function unreadable(url: string, reason: string, cause?: unknown): ConfigError {
  const what = `the ledger at ${withoutPassword(url)} can't be read (${reason})`;
  const remedy = 'Give the ledger of the service, and a database user who may read its tables.';
  return new ConfigError('DATABASE_URL', `DATABASE_URL: ${what}. ${remedy}`, { cause });
}

export function entryReader(database: Pick<Database, 'kind' | 'query'>) {
  const { query } = database;
  const stored = async (shortId: string, kinds: EventKind[] = []): Promise<StoredEntry[]> => {
    const only = kinds.length > 0 ? ` AND kind IN ${marksOf(kinds)}` : '';
    const sql = `SELECT ${ENTRY_COLUMNS} FROM ${ENTRIES_WITH_KEYS}
      WHERE entries.run_id = ?${only} ORDER BY sequence`;
    return (await query(sql, [shortId, ...kinds])).map(entryFrom);
  };

  return {
    ...cursorReader(database),

    /** The run's entries as stored, oldest first. */
    stored: (shortId: string): Promise<StoredEntry[]> => stored(shortId),

    /** The run's events, oldest first, without foreign entries. `kinds` restricts them. */
    async read<K extends EventKind = EventKind>(
      shortId: string,
      ...kinds: K[]
    ): Promise<Extract<LedgerEntry, { kind: K }>[]> {
      const wanted = new Set<EventKind>(kinds);
      const isWanted = (event: LedgerEntry): event is Extract<LedgerEntry, { kind: K }> =>
        wanted.size === 0 || wanted.has(event.kind);
      return eventsIn(await stored(shortId, kinds)).filter(isWanted);
    },

    /** Ids of all runs, oldest first. */
    async runs(): Promise<string[]> {
      const sql = 'SELECT run_id, MIN(at) AS began FROM entries GROUP BY run_id ORDER BY began, run_id';
      return (await query(sql)).map((row) => String(row.run_id));
    },
  };
}
