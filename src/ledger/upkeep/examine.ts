import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../../platform/errors.js';
import { type Database, isPostgres, openDatabase, withoutPassword } from '../database/database.js';
import { isCurrent, SCHEMA_VERSION, versionOf } from '../database/migrations.js';
import { findMissingRights, mayMakeTables } from '../database/rights.js';
import { loginRows } from '../rows/logins.js';

/** A ledger that was looked at. `logins`: where its tables are those of this version. */
export interface ExaminedLedger {
  summary: string;
  logins?: ReturnType<typeof loginRows>;
  close?(): Promise<void>;
}

/**
 * Looks at the ledger that a service would open, and makes and changes nothing.
 *
 * @throws ConfigError when the service could not open it, or could not write to it.
 */
export async function examineLedger(url: string): Promise<ExaminedLedger> {
  if (!isPostgres(url) && !existsSync(fileOf(url))) {
    checkFolder(url);
    return { summary: `${withoutPassword(url)} is not there yet; the first start makes it` };
  }
  const database = await openDatabase(url, true);
  try {
    const found = await versionOf(database);
    await checkWriting(database, url, found);
    const summary = `${withoutPassword(url)}, ${tablesText(found)}`;
    const logins = isCurrent(found) ? loginRows(database) : undefined;
    return { summary, ...(logins && { logins }), close: database.close };
  } catch (error) {
    await database.close();
    if (error instanceof ConfigError) throw error;
    throw unusable(url, error instanceof Error ? error.message : String(error), error);
  }
}

function tablesText(found: number | undefined): string {
  if (found === undefined) return 'without tables yet; the first start makes them';
  if (isCurrent(found)) return `tables of version ${found}`;
  return `tables of version ${found}; the next start brings them to version ${SCHEMA_VERSION}`;
}

/** @throws ConfigError when this user can't write, or can't make the tables that are missing. */
async function checkWriting(database: Database, url: string, found: number | undefined): Promise<void> {
  if (database.kind === 'sqlite') return await takeWriteLock(database);
  if (!isCurrent(found) && !(await mayMakeTables(database.query)))
    throw unusable(
      url,
      'its tables are not those of this version, and this user may not make them. Run "countersign migrate" once as a database user who owns them or may create them',
    );
  if (!isCurrent(found)) return;
  const missing = await findMissingRights(database.query);
  if (missing.length > 0)
    throw unusable(
      url,
      `this user lacks ${missing.join(', ')}. Run "countersign migrate --grant-to <this user>" as the user who owns the tables`,
    );
}

/** Begins a transaction that writes, and rolls it back. @throws when SQLite lets this process write nothing. */
async function takeWriteLock({ transaction }: Database): Promise<void> {
  const undone = new Error('rolled back');
  await transaction(() => Promise.reject(undone)).catch((error: unknown) => {
    if (error !== undone) throw error;
  });
}

function checkFolder(url: string): void {
  let folder = dirname(resolve(fileOf(url)));
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(url, `it is not there, and nothing may be written in ${folder}`, error);
  }
}

function fileOf(url: string): string {
  return url.replace(/^file:/, '').replace(/\?.*$/, '');
}

function unusable(url: string, reason: string, cause?: unknown): ConfigError {
  const message = `DATABASE_URL: the service could not use the ledger at ${withoutPassword(url)}: ${reason}.`;
  return new ConfigError('DATABASE_URL', message, { cause });
}
