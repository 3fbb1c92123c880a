import { ConfigError } from '../../platform/errors.js';
import { rebuildViews } from '../views/keep.js';
import { VIEWS } from '../views/tables.js';
import type { Database } from './database.js';

type Statements = Record<Database['kind'], string[]>;

const ENTRIES = `CREATE TABLE entries (
    run_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    data TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (run_id, sequence),
    UNIQUE (run_id, key)
  )`;

/**
 * Triggers that make the entries append-only. An owner of the database can remove them; the hash chain then shows the change. SQLite
 * fires no trigger when `INSERT OR REPLACE` deletes a row, so the insert itself is refused, also one that names the row by `rowid`. Before
 * an insert, SQLite gives a row without one the `rowid` -1, which therefore no row may have.
 */
const APPEND_ONLY: Statements = {
  sqlite: [
    ...['UPDATE', 'DELETE'].map(
      (verb) => `CREATE TRIGGER entries_no_${verb.toLowerCase()} BEFORE ${verb} ON entries
        BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END`,
    ),
    `CREATE TRIGGER entries_no_replace BEFORE INSERT ON entries
      WHEN EXISTS (SELECT 1 FROM entries WHERE run_id = NEW.run_id AND sequence = NEW.sequence)
        OR EXISTS (SELECT 1 FROM entries WHERE run_id = NEW.run_id AND key = NEW.key)
        OR EXISTS (SELECT 1 FROM entries WHERE rowid = NEW.rowid)
      BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END`,
    `CREATE TRIGGER entries_no_odd_rowid AFTER INSERT ON entries WHEN NEW.rowid < 1
      BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END`,
  ],
  postgres: [
    `CREATE FUNCTION entries_refuse() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN RAISE EXCEPTION ''the ledger is append only''; END'`,
    `CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
      FOR EACH STATEMENT EXECUTE FUNCTION entries_refuse()`,
  ],
};

const payloads = (bytes: string) =>
  `CREATE TABLE payloads (id TEXT PRIMARY KEY, metadata TEXT NOT NULL, data ${bytes} NOT NULL)`;

/** People who opened App Home, one row an hour. */
const HOME_HOURS = `CREATE TABLE home_hours (
    hour TEXT NOT NULL,
    team TEXT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (hour, team, person)
  )`;

/** Starts of runs that a limit counts, and indexes for counting. */
const STARTS = [
  `CREATE TABLE starts (
    key TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    person TEXT NOT NULL,
    channel TEXT NOT NULL,
    at TEXT NOT NULL
  )`,
  'CREATE INDEX starts_by_person ON starts (person, at)',
  'CREATE INDEX starts_by_channel ON starts (channel, at)',
  'CREATE INDEX runs_open ON runs (state, channel)',
];

/** Logins at MCP servers, encrypted. `renewed_until`: until then the process that set it renews the login, and no other does. */
const mcpLogins = (bytes: string) =>
  `CREATE TABLE mcp_logins (server TEXT PRIMARY KEY, key_id TEXT NOT NULL, data ${bytes} NOT NULL,
    renewed_until TEXT NOT NULL)`;

/** Migrations in order. A released one never changes. Views are rebuilt from the entries after each. */
const MIGRATIONS: Statements[] = [
  {
    sqlite: [ENTRIES, ...APPEND_ONLY.sqlite, ...VIEWS, payloads('BLOB'), HOME_HOURS],
    postgres: [ENTRIES, ...APPEND_ONLY.postgres, ...VIEWS, payloads('BYTEA'), HOME_HOURS],
  },
  { sqlite: STARTS, postgres: STARTS },
  { sqlite: [mcpLogins('BLOB')], postgres: [mcpLogins('BYTEA')] },
];

/** Version of the tables that this version of the service needs. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings the database to this version's tables, in one transaction; several processes may start at once. Existing tables need no right to
 * create any.
 *
 * @throws ConfigError when a later version changed the tables, or they can't be created.
 */
export async function migrate(database: Database): Promise<void> {
  try {
    if ((await versionOf(database)) === MIGRATIONS.length) return;
    await database.transaction((query) => makeTables({ kind: database.kind, query }), ['schema']);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      'DATABASE_URL',
      `DATABASE_URL: the ledger's tables can't be migrated to this version (${reason}). Run "countersign ledger migrate" once as a database user who owns them or may create them.`,
      { cause: error },
    );
  }
}

async function makeTables(database: QueriedDatabase): Promise<void> {
  const { kind, query } = database;
  const found = await versionOf(database);
  if (found === MIGRATIONS.length) return;
  if (found === undefined) await query('CREATE TABLE schema_version (version INTEGER NOT NULL)');
  for (const [index, statements] of MIGRATIONS.entries()) {
    if (index < (found ?? 0)) continue;
    for (const statement of statements[kind]) await query(statement);
    await query('INSERT INTO schema_version (version) VALUES (?)', [index + 1]);
  }
  await rebuildViews(query);
}

type QueriedDatabase = Pick<Database, 'kind' | 'query'>;

const FIND_TABLE: Record<Database['kind'], string> = {
  sqlite: "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = ?",
  // `to_regclass` is not used: it answers from a cache that may lack tables of another process.
  postgres:
    'SELECT 1 AS found FROM pg_tables WHERE tablename = ? AND schemaname = ANY (current_schemas(false))',
};

/** Checks whether a table exists, even one that this user can't read. */
export async function hasTable({ kind, query }: QueriedDatabase, name: string): Promise<boolean> {
  return (await query(FIND_TABLE[kind], [name])).length > 0;
}

/** Version of the existing tables; undefined without tables. @throws ConfigError when a later version made them. */
export async function versionOf(database: QueriedDatabase): Promise<number | undefined> {
  if (!(await hasTable(database, 'schema_version'))) return undefined;
  const [row] = await database.query('SELECT MAX(version) AS version FROM schema_version');
  const version = Number(row?.version ?? 0);
  if (version <= MIGRATIONS.length) return version;
  throw new ConfigError(
    'DATABASE_URL',
    `DATABASE_URL: a later version of Countersign has changed the ledger's tables (version ${version}, this one knows ${MIGRATIONS.length}). Start that version, or use another database.`,
  );
}
