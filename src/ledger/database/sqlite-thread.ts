import { parentPort, workerData } from 'node:worker_threads';
import { createClient, type Transaction } from '@libsql/client';
import type { Row, Value } from './database.js';

/** A statement for the thread that owns the file. There is one transaction at a time. */
export type Statement =
  | { to: 'file' | 'transaction'; sql: string; args: Value[] }
  | { to: 'begin' | 'commit' | 'rollback' };

export interface Answer {
  id: number;
  rows: Row[];
  error?: Error;
}

/** Longest wait for a file that another process locked, in milliseconds. */
const BUSY_MS = 5_000;

const { url }: { url: string } = workerData;
const client = createClient({ url, timeout: BUSY_MS });
let transaction: Transaction | undefined;

async function answer(statement: Statement): Promise<Row[]> {
  switch (statement.to) {
    case 'begin':
      transaction = await client.transaction('write');
      // Else the bytes of a deleted row stay in the file until another row needs their place.
      await transaction.execute('PRAGMA secure_delete = ON');
      return [];
    case 'commit':
      await transaction?.commit();
      return [];
    case 'rollback':
      transaction?.close();
      return [];
    default: {
      const { to, sql, args } = statement;
      const target = to === 'file' ? client : transaction;
      if (!target) throw new Error('there is no transaction');
      const { columns, rows } = await target.execute({ sql, args });
      return rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column]])));
    }
  }
}

/** An error loses its class between threads; its message and cause are kept. */
async function reply(id: number, statement: Statement): Promise<void> {
  const done: Answer = await answer(statement).then(
    (rows) => ({ id, rows }),
    (error: unknown) => ({
      id,
      rows: [],
      error: new Error(error instanceof Error ? error.message : String(error)),
    }),
  );
  parentPort?.postMessage(done);
}

// Statements run in the order in which they arrived.
let before: Promise<void> = Promise.resolve();
parentPort?.on('message', (message: 'close' | { id: number; statement: Statement }) => {
  before = before.then(async () => {
    if (message !== 'close') return reply(message.id, message.statement);
    client.close();
    parentPort?.close();
  });
});
