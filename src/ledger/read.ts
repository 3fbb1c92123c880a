import { ConfigError } from '../errors.js';
import type { StoredEntry } from './chain.js';
import { type Database, openDatabase, withoutPassword } from './database.js';
import { hasTable, versionOf } from './migrations.js';
import { entryOf } from './stored.js';

/**
 * Opens a ledger that is there, to read it: nothing is made or changed, and a user who may only select is enough.
 *
 * @throws ConfigError when there is none.
 */
export async function openLedgerToRead(url: string) {
  const database = await openDatabase(url, true);
  try {
    if (!(await hasTable(database, 'checkpoints'))) throw unreadable(url, 'none of its tables is there');
    await versionOf(database);
    return { ...readable(database), close: database.close };
  } catch (error) {
    await database.close();
    if (error instanceof ConfigError) throw error;
    throw unreadable(url, error instanceof Error ? error.message : String(error), error);
  }
}

function unreadable(url: string, reason: string, cause?: unknown): ConfigError {
  const what = `the ledger at ${withoutPassword(url)} can't be read (${reason})`;
  const remedy = 'Give the one that the service writes, and a user who may select in its tables.';
  return new ConfigError('DATABASE_URL', `DATABASE_URL: ${what}. ${remedy}`, { cause });
}

/** What reads the entries. */
export function readable(database: Database) {
  return {
    /** The run's entries, oldest first. */
    async read(runId: string): Promise<StoredEntry[]> {
      const sql = 'SELECT * FROM checkpoints WHERE run_id = ? ORDER BY sequence';
      return (await database.run(sql, [runId])).map(entryOf);
    },

    /** The ids of all runs, in the order in which they began. */
    async runs(): Promise<string[]> {
      const sql = 'SELECT run_id, MIN(at) AS began FROM checkpoints GROUP BY run_id ORDER BY began, run_id';
      return (await database.run(sql)).map((row) => String(row.run_id));
    },
  };
}
