import { ConfigError } from '../errors.js';
import type { Database, Run } from './database.js';

type Looked = Pick<Database, 'kind' | 'run'>;
type Statements = Record<Database['kind'], string[]>;

const CHECKPOINTS = `CREATE TABLE IF NOT EXISTS checkpoints (
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
const BY_KIND = 'CREATE INDEX IF NOT EXISTS checkpoints_by_kind ON checkpoints (kind, at)';
const payloads = (bytes: string) =>
  `CREATE TABLE IF NOT EXISTS payloads (id TEXT PRIMARY KEY, metadata TEXT NOT NULL, data ${bytes} NOT NULL)`;
const HOMES = `CREATE TABLE homes (
    team TEXT NOT NULL,
    person TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    PRIMARY KEY (team, person)
  )`;
/** The same, a row an hour, so that nothing has to be updated in it. */
const HOME_HOURS = `CREATE TABLE home_hours (
    hour TEXT NOT NULL,
    team TEXT NOT NULL,
    person TEXT NOT NULL,
    PRIMARY KEY (hour, team, person)
  )`;
/** Which runs show themselves in which thread: it is found out of the entries, and no part of the chain. */
const THREADS = `CREATE TABLE threads (
    channel TEXT NOT NULL,
    thread TEXT NOT NULL,
    run_id TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (channel, thread, run_id)
  )`;
/** The threads of the cards so far, given what reads their channel and `ts` out of an entry; none was in another's thread. */
const threadsSoFar = (channel: string, ts: string) => `INSERT INTO threads (channel, thread, run_id, at)
    SELECT channel, ts, run_id, MIN(at) FROM (
      SELECT ${channel} AS channel, ${ts} AS ts, run_id, at FROM checkpoints WHERE kind = 'posted'
    ) AS cards WHERE channel IS NOT NULL AND ts IS NOT NULL GROUP BY channel, ts, run_id`;
// An entry that was tampered with may be no JSON any more, and must not keep the ledger shut.
const inSqlite = (field: string) =>
  `CASE WHEN json_valid(data) THEN json_extract(data, '$.card.${field}') END`;
const inPostgres = (field: string) => `substring(data from '"card":[{][^{}]*"${field}":"([^"]+)"')`;

/** In order; one that is out stays as it is. A statement stands for both databases unless they need their own. */
const MIGRATIONS: Statements[] = [
  // What 0.1 and 0.2 made without counting.
  {
    sqlite: [CHECKPOINTS, BY_KIND, payloads('BLOB')],
    postgres: [CHECKPOINTS, BY_KIND, payloads('BYTEA')],
  },
  // Append only: what is written is neither changed nor deleted. Who owns the database can lift that; the chain then shows it.
  {
    sqlite: ['UPDATE', 'DELETE'].map(
      (verb) => `CREATE TRIGGER checkpoints_no_${verb.toLowerCase()} BEFORE ${verb} ON checkpoints
        BEGIN SELECT RAISE(ABORT, 'the ledger is append only'); END`,
    ),
    postgres: [
      `CREATE FUNCTION checkpoints_refuse() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RAISE EXCEPTION ''the ledger is append only''; END'`,
      `CREATE TRIGGER checkpoints_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
        FOR EACH STATEMENT EXECUTE FUNCTION checkpoints_refuse()`,
    ],
  },
  // Who has App Home open, so that whichever process hears of a change can bring it up to date.
  { sqlite: [HOMES], postgres: [HOMES] },
  {
    sqlite: [THREADS, threadsSoFar(inSqlite('channel'), inSqlite('ts'))],
    postgres: [THREADS, threadsSoFar(inPostgres('channel'), inPostgres('ts'))],
  },
  { sqlite: [HOME_HOURS], postgres: [HOME_HOURS] },
];

/**
 * Brings the database to this version's tables, in one transaction; several processes may start at once. It looks before it makes
 * anything, so a user who may only read and insert is enough where the tables are there.
 *
 * @throws ConfigError when a later version has been here, or the tables can't be made.
 */
export async function migrate(database: Database): Promise<void> {
  try {
    if ((await versionOf(database)) === MIGRATIONS.length) return;
    await database.transaction((run) => makeTables(database.kind, run), ['schema']);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      'DATABASE_URL',
      `DATABASE_URL: the ledger's tables can't be brought to this version (${reason}). Run "countersign doctor" once with a user who owns them, or who may make them.`,
      { cause: error },
    );
  }
}

async function makeTables(kind: Database['kind'], run: Run): Promise<void> {
  const found = await versionOf({ kind, run });
  if (found === undefined) await run('CREATE TABLE schema_version (version INTEGER NOT NULL)');
  for (const [index, statements] of MIGRATIONS.entries()) {
    if (index < (found ?? 0)) continue;
    for (const statement of statements[kind]) await run(statement);
    await run('INSERT INTO schema_version (version) VALUES (?)', [index + 1]);
  }
}

const LOOK: Record<Database['kind'], string> = {
  sqlite: "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = ?",
  // Not to_regclass, which answers out of a cache that another process's tables may be missing from.
  postgres:
    'SELECT 1 AS found FROM pg_tables WHERE tablename = ? AND schemaname = ANY (current_schemas(false))',
};

/** Whether a table is there, for this user to see or not. */
export async function hasTable({ kind, run }: Looked, name: string): Promise<boolean> {
  return (await run(LOOK[kind], [name])).length > 0;
}

/**
 * Which version's tables are there; undefined where none are.
 *
 * @throws ConfigError when it is a later one than this version knows.
 */
export async function versionOf(looked: Looked): Promise<number | undefined> {
  if (!(await hasTable(looked, 'schema_version'))) return undefined;
  const [row] = await looked.run('SELECT MAX(version) AS version FROM schema_version');
  const version = Number(row?.version ?? 0);
  if (version <= MIGRATIONS.length) return version;
  throw new ConfigError(
    'DATABASE_URL',
    `DATABASE_URL: a later version of Countersign has changed the ledger's tables (version ${version}, this one knows ${MIGRATIONS.length}). Start that version, or use another database.`,
  );
}
