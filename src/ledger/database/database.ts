import { ConfigError } from '../../platform/errors.js';
import { openPostgres } from './postgres.js';
import { openSqlite } from './sqlite.js';

export type Value = string | number | null | Uint8Array;
export type Row = Record<string, unknown>;

/** Runs one statement; each `?` stands for an argument, in order. */
export type Query = (sql: string, args?: Value[]) => Promise<Row[]>;

/** Statements that make or change tables. */
export type Statements = Record<Database['kind'], string[]>;

/** Database access that the ledger needs. */
export interface Database {
  kind: 'sqlite' | 'postgres';
  query: Query;
  /**
   * Runs the work in one transaction. Writers of the same `chains` wait for each other, across processes too. No time-out ends the
   * statements of a long one.
   */
  transaction<T>(
    work: (query: Query) => Promise<T>,
    chains?: string[],
    options?: { isLong?: boolean },
  ): Promise<T>;
  /** Opens further connections with another user or password. @throws when the server refuses them. */
  useAddress?(url: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the database.
 *
 * @param url `file:…` (SQLite) or `postgres://…`.
 * @param toRead If true, the database must already exist.
 * @throws ConfigError with a remedy when it can't be opened. A password in the URL is left out.
 */
export async function openDatabase(url: string, toRead = false): Promise<Database> {
  const postgres = isPostgres(url);
  try {
    return await (postgres ? openPostgres(url) : openSqlite(url, toRead));
  } catch (error) {
    const reason = error instanceof Error ? error.message || String(error) : String(error);
    const file = toRead
      ? 'Give the file that the service writes.'
      : 'Give a file that can be written, such as file:data/ledger.db.';
    const remedy = postgres
      ? 'Check the address, the user and its password, and that the database exists.'
      : file;
    throw new ConfigError(
      'DATABASE_URL',
      `DATABASE_URL: the ledger can't be opened at ${withoutPassword(url)} (${reason}). ${remedy}`,
      { cause: error },
    );
  }
}

/** Limit for the arguments of one statement. SQLite takes 32,766, PostgreSQL 65,535. */
const MOST_ARGUMENTS = 30_000;

/** Inserts rows that all have the same columns. `onConflict`: SQL for rows that already exist; unset: such a row is an error. */
export async function insertRows(
  query: Query,
  table: string,
  rows: Record<string, Value>[],
  onConflict = '',
): Promise<void> {
  const columns = Object.keys(rows[0] ?? {});
  const marks = marksOf(columns);
  const atOnce = Math.floor(MOST_ARGUMENTS / columns.length);
  for (let from = 0; from < rows.length; from += atOnce) {
    const part = rows.slice(from, from + atOnce);
    const values = part.map(() => marks).join(', ');
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${values} ${onConflict}`;
    const args = part.flatMap((row) => columns.map((column) => row[column] ?? null));
    await query(sql, args);
  }
}

/** Marks for the values of a list in a statement, in brackets: `(?, ?)`. */
export function marksOf(values: readonly unknown[]): string {
  return `(${values.map(() => '?').join(', ')})`;
}

export function isPostgres(url: string): boolean {
  return /^postgres(ql)?:\/\//.test(url);
}

/** Hides the password in a database's address, also one that holds a slash or another character that ends the host's part. */
export function withoutPassword(url: string): string {
  if (!isPostgres(url)) return url.replace(/[?#].*$/s, '');
  if (!URL.canParse(url)) return 'postgres://…';
  return url
    .replace(/(\/\/[^:/?#@]*)[:/?#].*@/s, '$1:…@')
    .replace(/([?&])[^=&]*password[^=&]*=[^&]*&?/gi, '$1')
    .replace(/[?&]$/, '');
}
