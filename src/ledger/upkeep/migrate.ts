import { ConfigError, CountersignError } from '../../platform/errors.js';
import { openDatabase, withoutPassword } from '../database/database.js';
import { migrate, SCHEMA_VERSION, versionOf } from '../database/migrations.js';
import { grantRights } from '../database/rights.js';
import { viewUpkeep } from '../views/upkeep.js';

export interface Migrated {
  /** Version of the tables, which may be a later one than this version of the service makes. */
  version: number;
  /** Number of views that were made anew. */
  views: number;
}

/**
 * Makes the ledger's tables, or brings them to this version; makes views anew that older versions made, and those that are missing. It may
 * take minutes, and the service can run meanwhile.
 *
 * @param grantTo User of PostgreSQL who gets the rights that the service needs.
 * @throws ConfigError when the database can't be used; CountersignError when the rights can't be granted.
 */
export async function migrateLedger(url: string, grantTo?: string): Promise<Migrated> {
  const database = await openDatabase(url);
  try {
    if (grantTo !== undefined && database.kind === 'sqlite')
      throw new CountersignError('Usage', '--grant-to: SQLite has no users. Leave the option out.');
    await migrate(database);
    if (grantTo !== undefined)
      await database.transaction((query) => grantRights(query, grantTo)).catch(refuseGrant(url, grantTo));
    const upkeep = viewUpkeep(database);
    const views = (await upkeep.refreshViews()) + (await upkeep.addMissingViews());
    return { version: (await versionOf(database)) ?? SCHEMA_VERSION, views };
  } finally {
    await database.close();
  }
}

const refuseGrant = (url: string, role: string) => (error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  throw new ConfigError(
    'DATABASE_URL',
    `--grant-to: the rights on the ledger at ${withoutPassword(url)} can't be granted to ${role} (${reason}). Create the user first, and run this as the user who owns the tables.`,
    { cause: error },
  );
};
