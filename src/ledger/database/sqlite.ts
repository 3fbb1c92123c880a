import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { threadEntry } from '../../platform/thread-entry.js';
import type { Database, Row } from './database.js';
import type { Answer, Statement } from './sqlite-thread.js';

/** Opens a SQLite file. Unless `toRead`, a missing file and its folder are created. SQLite calls block, so a separate thread does them. */
export async function openSqlite(url: string, toRead: boolean): Promise<Database> {
  const file = url.replace(/^file:/, '').replace(/\?.*$/, '');
  if (toRead && !existsSync(file)) throw new Error(`there is no such file in ${process.cwd()}`);
  if (!toRead) mkdirSync(dirname(file), { recursive: true });
  const thread = startThread(url);
  // The mode is kept in the file, which who only reads must not change.
  if (!toRead) await thread.send({ to: 'file', sql: 'PRAGMA journal_mode = WAL', args: [] });

  // SQLite takes one writer at a time, so writers of this process queue here instead of failing on a lock.
  let writing: Promise<unknown> = Promise.resolve();
  return {
    kind: 'sqlite',
    query: (sql, args = []) => thread.send({ to: 'file', sql, args }),
    transaction(work) {
      const turn = writing.then(async () => {
        await thread.send({ to: 'begin' });
        try {
          const result = await work((sql, args = []) => thread.send({ to: 'transaction', sql, args }));
          await thread.send({ to: 'commit' });
          return result;
        } catch (error) {
          await thread.send({ to: 'rollback' });
          throw error;
        }
      });
      writing = turn.catch(() => 'its writer has been told');
      return turn;
    },
    async close() {
      await writing;
      await thread.close();
    },
  };
}

/** Starts the thread that owns the file. The thread keeps the process alive only while an answer is pending. */
function startThread(url: string) {
  const worker = new Worker(threadEntry(new URL('./sqlite-thread.js', import.meta.url)), {
    workerData: { url },
  });
  worker.unref();
  const waiting = new Map<number, { resolve(rows: Row[]): void; reject(error: Error): void }>();
  let sent = 0;
  let ended: Error | undefined;
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve());
  });
  const end = (error: Error) => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  worker.on('message', ({ id, rows, error }: Answer) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    if (error) asked?.reject(error);
    else asked?.resolve(rows);
  });
  worker.on('error', end);
  worker.once('exit', () => end(new Error('the database is closed')));

  return {
    send: (statement: Statement): Promise<Row[]> =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        sent += 1;
        waiting.set(sent, { resolve, reject });
        worker.ref();
        worker.postMessage({ id: sent, statement });
      }),
    async close(): Promise<void> {
      worker.ref();
      worker.postMessage('close');
      await exited;
    },
  };
}
