import { ConfigError } from '../../platform/errors.js';
import { VIEWS } from '../views/tables.js';
import type { Database, Statements } from './database.js';
import { ENTRIES } from './entries-table.js';

/** Payloads that are too large for Temporal, by run. Payloads of a run share parts, so a conversation is stored once. */
const payloads = (bytes: string) => [
  `CREATE TABLE payloads (run_id TEXT NOT NULL, id TEXT NOT NULL, metadata TEXT NOT NULL, parts TEXT NOT NULL,
    PRIMARY KEY (run_id, id))`,
  `CREATE TABLE payload_parts (run_id TEXT NOT NULL, id TEXT NOT NULL, data ${bytes} NOT NULL,
    PRIMARY KEY (run_id, id))`,
];

/** App Home of each person who opened it, and what it shows. */
const HOMES = [
  `CREATE TABLE homes (
    team TEXT NOT NULL,
    person TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    shown TEXT NOT NULL,
    enterprise TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (team, person)
  )`,
  'CREATE INDEX homes_opened ON homes (opened_at)',
];

/** Schemas of tools, by the digests of their definitions. */
const TOOL_SCHEMAS = 'CREATE TABLE tool_schemas (definition TEXT PRIMARY KEY, schema TEXT NOT NULL)';

/** Links to messages in Slack, by `channel ts`, and when they were asked for. */
const MESSAGE_LINKS =
  'CREATE TABLE message_links (message TEXT PRIMARY KEY, link TEXT NOT NULL, at TEXT NOT NULL)';

/** Starts of runs that a limit counts, and indexes for counting. */
const STARTS = [
  `CREATE TABLE starts (
    key TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    person TEXT NOT NULL,
    channel TEXT NOT NULL,
    at TEXT NOT NULL
  )`,
  'CREATE INDEX starts_by_run ON starts (run_id)',
  'CREATE INDEX starts_by_person ON starts (person, at)',
  'CREATE INDEX starts_by_channel ON starts (channel, at)',
  'CREATE INDEX runs_open ON runs (state, channel)',
];

/** Logins at MCP servers, encrypted. `renewed_until`: until then the process that set it renews the login, and no other does. */
const mcpLogins = (bytes: string) =>
  `CREATE TABLE mcp_logins (server TEXT PRIMARY KEY, key_id TEXT NOT NULL, data ${bytes} NOT NULL,
    renewed_until TEXT NOT NULL)`;

/** Rights of one process to do what only one may do, by the database's clock in milliseconds since 1970. */
const LEASES =
  'CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, expires_at BIGINT NOT NULL)';

/** Keys of the entries' bodies. An erased key leaves its row, with the moment. */
const runKeys = (bytes: string) =>
  `CREATE TABLE run_keys (run_id TEXT NOT NULL, number INTEGER NOT NULL, key ${bytes}, erased_at TEXT,
    PRIMARY KEY (run_id, number))`;

const shared = (bytes: string) => [
  runKeys(bytes),
  ...VIEWS,
  ...payloads(bytes),
  ...HOMES,
  TOOL_SCHEMAS,
  MESSAGE_LINKS,
  ...STARTS,
  mcpLogins(bytes),
  LEASES,
];

interface Migration {
  statements: Statements;
  /**
   * Oldest version of the tables whose service works on these, too. It is 1 for a migration that only adds tables and columns with
   * defaults, which is the rule: a deploy can then be rolled back.
   */
  oldest: number;
}

/** Migrations in order. A released one never changes. */
const MIGRATIONS: Migration[] = [
  {
    statements: {
      sqlite: [...ENTRIES.sqlite, ...shared('BLOB')],
      postgres: [...ENTRIES.postgres, ...shared('BYTEA')],
    },
    oldest: 1,
  },
];

/** Version of the tables that this version of the service makes. It works on later ones that say so, too. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings the database to this version's tables, in one transaction; several processes may start at once. Existing tables need no right to
 * create any, and later ones stay as they are.
 *
 * @throws ConfigError when this version can't use the tables, or they can't be created.
 */
export async function migrate(database: Database): Promise<void> {
  try {
    if (isCurrent(await versionOf(database))) return;
    await database.transaction((query) => makeTables({ kind: database.kind, query }), ['schema'], {
      isLong: true,
    });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      'DATABASE_URL',
      `DATABASE_URL: the ledger's tables can't be migrated to this version (${reason}). Run "countersign migrate" once as a database user who owns them or may create them.`,
      { cause: error },
    );
  }
}

async function makeTables(database: QueriedDatabase): Promise<void> {
  const { kind, query } = database;
  const found = await versionOf(database);
  if (isCurrent(found)) return;
  if (found === undefined)
    await query('CREATE TABLE schema_version (version INTEGER NOT NULL, oldest INTEGER NOT NULL)');
  for (const [index, { statements, oldest }] of MIGRATIONS.entries()) {
    if (index < (found ?? 0)) continue;
    for (const statement of statements[kind]) await query(statement);
    await query('INSERT INTO schema_version (version, oldest) VALUES (?, ?)', [index + 1, oldest]);
  }
}

/** True if tables of this version, or of a later one, are there. */
export function isCurrent(version: number | undefined): boolean {
  return version !== undefined && version >= SCHEMA_VERSION;
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

/** Version of the existing tables; undefined without tables. @throws ConfigError when this version can't use them. */
export async function versionOf(database: QueriedDatabase): Promise<number | undefined> {
  if (!(await hasTable(database, 'schema_version'))) return undefined;
  if (!(await hasTable(database, 'leases')))
    throw unusable(
      'the ledger is of a version before 0.5, which this one does not read. Keep it for the record, and use another database',
    );
  const sql = 'SELECT MAX(version) AS version, MAX(oldest) AS oldest FROM schema_version';
  const [row] = await database.query(sql);
  const version = Number(row?.version ?? 0);
  if (Number(row?.oldest ?? 0) <= SCHEMA_VERSION) return version;
  throw unusable(
    `a later version of Countersign has changed the ledger's tables (version ${version}; this one knows ${SCHEMA_VERSION}) so that only later versions work on them. Start that version, or use another database`,
  );
}

function unusable(reason: string): ConfigError {
  return new ConfigError('DATABASE_URL', `DATABASE_URL: ${reason}.`);
}
