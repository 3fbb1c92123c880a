import pg from 'pg';
import { warnOf } from '../../telemetry/warnings.js';
import type { Database, Query, Value } from './database.js';
import { findMissingRights } from './rights.js';

/** Connections of a process. Writes are gathered, so a few suffice. */
const CONNECTIONS = 5;
const CONNECT_TIMEOUT_MS = 10_000;
/** Time-out of a statement in a transaction, by the server, in milliseconds. Temporal then retries the activity. */
const STATEMENT_TIMEOUT_MS = 20_000;
/** Longest wait for the answer to a statement, in milliseconds, also where the server is away. */
const ANSWER_TIMEOUT_MS = 25_000;
/** The server ends a transaction whose process has stopped for so long, in milliseconds: other writers wait for its locks. */
const IDLE_TIMEOUT_MS = 60_000;
/** Longest delay of a timer in Node, in milliseconds. */
const NO_TIMEOUT_MS = 2 ** 31 - 1;

/** PgBouncer refuses time-outs that a connection asks for when it begins, so each transaction sets its own. */
const begin = (timeoutMs: number) =>
  `BEGIN; SET LOCAL statement_timeout = ${timeoutMs}; SET LOCAL idle_in_transaction_session_timeout = ${IDLE_TIMEOUT_MS}`;

/** A transaction's locks, because PgBouncer keeps none of a session. */
const TAKE_LOCKS =
  'SELECT pg_advisory_xact_lock(hashtextextended(chain, 0)) FROM unnest($1::text[]) AS chain';

/** Connects to PostgreSQL, and runs a query so that a wrong address fails at once. PgBouncer in transaction mode may stand between. */
export async function openPostgres(url: string): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'countersign',
  });
  const connectionLost = (error: Error) =>
    warnOf('ledger-connection', error, 'A connection to the ledger was lost');
  // The pool replaces an idle connection that the server closed at the next query.
  pool.on('error', connectionLost);
  const queryOn =
    (target: pg.Pool | pg.ClientBase, own: { query_timeout?: number } = {}): Query =>
    async (sql, args = []) =>
      (await target.query({ text: numbered(sql), values: args.map(toPostgres), ...own })).rows;
  try {
    await pool.query('SELECT 1');
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    kind: 'postgres',
    query: queryOn(pool),
    async transaction(work, chains = [], { isLong = false } = {}) {
      const client = await pool.connect();
      // The pool listens to idle connections only. Without a listener a lost one would end the process; its query fails anyway.
      client.on('error', connectionLost);
      const own = isLong ? { query_timeout: NO_TIMEOUT_MS } : {};
      let broken: Error | undefined;
      try {
        await client.query(begin(isLong ? 0 : STATEMENT_TIMEOUT_MS));
        // Locks are taken in sorted order, so that two writers of the same chains can't deadlock.
        const locks = [...new Set(chains)].sort();
        if (locks.length > 0) await client.query({ text: TAKE_LOCKS, values: [locks], ...own });
        const result = await work(queryOn(client, own));
        await client.query('COMMIT');
        return result;
      } catch (error) {
        broken = hasNoAnswer(error) ? error : await rollBack(client);
        throw error;
      } finally {
        client.off('error', connectionLost);
        client.release(broken);
      }
    },
    async useAddress(address) {
      // The pool gives its options to each new connection. An older one stays as long as it lives.
      const trial = new pg.Client({ connectionString: address, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
      trial.on('error', connectionLost);
      try {
        await trial.connect();
        const missing = await findMissingRights(queryOn(trial));
        if (missing.length > 0) throw new Error(`its user lacks ${missing.join(', ')}`);
      } finally {
        await trial.end();
      }
      pool.options.connectionString = address;
    },
    close: () => pool.end(),
  };
}

/** Rolls a transaction back. Returns the error when the connection is of no use any more. */
async function rollBack(client: pg.PoolClient): Promise<Error | undefined> {
  return await client.query('ROLLBACK').then(
    () => undefined,
    (lost: Error) => lost,
  );
}

/** True for pg's error when a statement got no answer: the connection still waits for it. */
function hasNoAnswer(error: unknown): error is Error {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** Numbers the arguments, as PostgreSQL needs. No statement of the service holds a question mark in a text. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll('?', () => `$${++count}`);
}

function toPostgres(value: Value): unknown {
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}
