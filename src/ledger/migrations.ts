import { ConfigError } from '../core/errors.js';
import type { Database } from './database.js';

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
];

/**
 * Brings the database to this version's tables, in one transaction; several processes may start at once.
 *
 * @throws ConfigError when a later version has been here.
 */
export async function migrate(database: Database): Promise<void> {
  await database.transaction(
    async (run) => {
      await run('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)');
      const [row] = await run('SELECT MAX(version) AS version FROM schema_version');
      const version = Number(row?.version ?? 0);
      if (version > MIGRATIONS.length) {
        throw new ConfigError(
          'DATABASE_URL',
          `DATABASE_URL: a later version of Countersign has changed the ledger's tables (version ${version}, this one knows ${MIGRATIONS.length}). Start that version, or use another database.`,
        );
      }
      for (const [index, statements] of MIGRATIONS.entries()) {
        if (index < version) continue;
        for (const statement of statements[database.kind]) await run(statement);
        await run('INSERT INTO schema_version (version) VALUES (?)', [index + 1]);
      }
    },
    ['schema'],
  );
}
