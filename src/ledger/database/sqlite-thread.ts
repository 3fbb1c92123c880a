import { parentPort, workerData } from 'node:worker_threads';
import { createClient, type Transaction } from '@libsql/client';
import type { Row, Statement } from './database.js';

/** An order to the thread that owns the file. There is one transaction at a time. */
export type Order =
  | { to: 'file' | 'transaction'; statements: Statement[] }
  | { to: 'begin' | 'commit' | 'rollback' };

export interface Answer {
  id: number;
  /** Rows of the last statement. */
  rows: Row[];
  error?: Error;
}

/** Longest wait for a file that another process locked, in milliseconds. */
const BUSY_MS = 5_000;

const { url }: { url: string } = workerData;
const client = createClient({ url, timeout: BUSY_MS });
let transaction: Transaction | undefined;

async function answer(order: Order): Promise<Row[]> {
  switch (order.to) {
    case 'begin':
      transaction = await client.transaction('write');
      // Else the bytes of a deleted row stay in the file until another row needs their place.
      await transaction.execute('PRAGMA secure_delete = ON');
      return [];
    case 'commit':
      await transaction?.commit();
      transaction = undefined;
      return [];
    case 'rollback':
      transaction?.close();
      transaction = undefined;
      return [];
    default: {
      const target = order.to === 'file' ? client : transaction;
      if (!target) throw new Error('there is no transaction');
      let last: Row[] = [];
      for (const [sql, args] of order.statements) {
        const { columns, rows } = await target.execute({ sql, args });
        last = rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column]])));
      }
      return last;
    }
  }
}

/** An error loses its class between threads; its message and cause are kept. */
async function reply(id: number, order: Order): Promise<void> {
  const done: Answer = await answer(order).then(
    (rows) => ({ id, rows }),
    (error: unknown) => ({
      id,
      rows: [],
      error: new Error(error instanceof Error ? error.message : String(error)),
    }),
  );
  parentPort?.postMessage(done);
}

// Orders are carried out as they arrived.
let before: Promise<void> = Promise.resolve();
parentPort?.on('message', (message: 'close' | { id: number; order: Order }) => {
  before = before.then(async () => {
    if (message !== 'close') return reply(message.id, message.order);
    client.close();
    parentPort?.close();
  });
});
