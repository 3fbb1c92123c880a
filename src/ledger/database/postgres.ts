import pg from 'pg';
import { warnOf } from '../../telemetry/warnings.js';
import type { Database, Query, Row, Value } from './database.js';

/** Connections of a process. Writes are gathered, so a few suffice. */
const CONNECTIONS = 5;
const CONNECT_TIMEOUT_MS = 10_000;
/** Time-out of a statement, in milliseconds. Temporal then retries the activity. */
const STATEMENT_TIMEOUT_MS = 20_000;

/** Connects to PostgreSQL, and runs a query so that a wrong address fails at once. */
export async function openPostgres(url: string): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'countersign',
  });
  // The pool replaces an idle connection that the server closed at the next query.
  pool.on('error', (error) =>
    warnOf('ledger-connection', error, 'An idle connection to the ledger was lost'),
  );
  const queryOn =
    (target: { query(sql: string, args: unknown[]): Promise<{ rows: Row[] }> }): Query =>
    async (sql, args = []) =>
      (await target.query(numbered(sql), args.map(toPostgres))).rows;
  try {
    await pool.query('SELECT 1');
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    kind: 'postgres',
    query: queryOn(pool),
    async transaction(work, chains = []) {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        await client.query('BEGIN');
        const query = queryOn(client);
        // Locks are taken in sorted order, so that two writers of the same chains can't deadlock.
        for (const chain of [...new Set(chains)].sort()) {
          await query('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [chain]);
        }
        const result = await work(query);
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch((lost: Error) => {
          broken = lost;
        });
        throw error;
      } finally {
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}

/** Numbers the arguments, as PostgreSQL needs. No statement of the service holds a question mark in a text. */
function numbered(sql: string): string {
  let count = 0;
  return sql.replaceAll('?', () => `$${++count}`);
}

function toPostgres(value: Value): unknown {
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}
