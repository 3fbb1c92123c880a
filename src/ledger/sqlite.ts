import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { createClient, type Transaction } from '@libsql/client';
import type { Database, Row, Run } from './database.js';

/** Opens a SQLite file; unless it is there only `toRead`, it is made where it isn't there, and its folder. */
export async function openSqlite(url: string, toRead: boolean): Promise<Database> {
  const file = url.replace(/^file:/, '').replace(/\?.*$/, '');
  if (toRead && !existsSync(file)) throw new Error(`there is no such file in ${process.cwd()}`);
  if (!toRead) mkdirSync(dirname(file), { recursive: true });
  const client = createClient({ url });
  await client.execute('PRAGMA journal_mode = WAL');
  await client.execute('PRAGMA busy_timeout = 5000');
  const runOn =
    (target: Pick<Transaction, 'execute'>): Run =>
    async (sql, args = []) =>
      (await target.execute({ sql, args })).rows as unknown as Row[];

  // SQLite takes one writer at a time: our own writers queue here instead of failing on a lock.
  let writing: Promise<unknown> = Promise.resolve();
  return {
    kind: 'sqlite',
    run: runOn(client),
    transaction(work) {
      const turn = writing.then(async () => {
        const transaction = await client.transaction('write');
        try {
          const result = await work(runOn(transaction));
          await transaction.commit();
          return result;
        } finally {
          transaction.close();
        }
      });
      writing = turn.catch(() => 'its writer has been told');
      return turn;
    },
    async close() {
      await writing;
      client.close();
    },
  };
}
