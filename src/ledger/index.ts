import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Client, createClient, type Transaction } from '@libsql/client';
import { ConfigError } from '../core/errors.js';
import type { Checkpoint } from '../core/run.js';

/** A checkpoint as it stands in the ledger. `hash` is the SHA-256 over `previous` and the entry, in hex. */
export interface LedgerEntry extends Checkpoint {
  sequence: number;
  previous: string;
  hash: string;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS checkpoints (
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

export type Ledger = Awaited<ReturnType<typeof openLedger>>;

/**
 * Opens the ledger: append only, one hash chain a run.
 *
 * @param url `file:…` (SQLite).
 * @throws ConfigError when it can't be opened.
 */
export async function openLedger(url: string) {
  const client = await open(url);
  // SQLite takes one writer at a time: our own writers queue here instead of failing on a lock.
  let writing: Promise<unknown> = Promise.resolve();

  return {
    /** Writes the entries in order; one whose key is there already is left as it is. */
    append(entries: Checkpoint[]): Promise<void> {
      const turn = writing.then(() => write(client, entries));
      writing = turn.catch(() => 'its writer has been told');
      return turn;
    },

    /** The run's entries, oldest first. */
    async read(runId: string): Promise<LedgerEntry[]> {
      const { rows } = await client.execute({
        sql: 'SELECT * FROM checkpoints WHERE run_id = ? ORDER BY sequence',
        args: [runId],
      });
      return rows.map((row) => ({
        runId: String(row.run_id),
        sequence: Number(row.sequence),
        key: String(row.key),
        kind: String(row.kind) as Checkpoint['kind'],
        at: String(row.at),
        data: JSON.parse(String(row.data)),
        previous: String(row.previous),
        hash: String(row.hash),
      }));
    },

    async close(): Promise<void> {
      await writing;
      client.close();
    },
  };
}

async function open(url: string): Promise<Client> {
  try {
    const path = url.replace(/^file:/, '').replace(/\?.*$/, '');
    mkdirSync(dirname(path), { recursive: true });
    const client = createClient({ url });
    await client.execute('PRAGMA journal_mode = WAL');
    await client.execute('PRAGMA busy_timeout = 5000');
    await client.execute(SCHEMA);
    return client;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      'DATABASE_URL',
      `DATABASE_URL: the ledger can't be opened at ${url} (${reason}). Give a file that can be written, such as file:data/ledger.db.`,
      { cause: error },
    );
  }
}

async function write(client: Client, entries: Checkpoint[]): Promise<void> {
  const transaction = await client.transaction('write');
  try {
    for (const entry of entries) await appendOne(transaction, entry);
    await transaction.commit();
  } finally {
    transaction.close();
  }
}

async function appendOne(transaction: Transaction, entry: Checkpoint): Promise<void> {
  const { runId, key, kind, at } = entry;
  const known = await transaction.execute({
    sql: 'SELECT 1 FROM checkpoints WHERE run_id = ? AND key = ?',
    args: [runId, key],
  });
  if (known.rows.length > 0) return;
  const last = await transaction.execute({
    sql: 'SELECT sequence, hash FROM checkpoints WHERE run_id = ? ORDER BY sequence DESC LIMIT 1',
    args: [runId],
  });
  const sequence = Number(last.rows[0]?.sequence ?? 0) + 1;
  const previous = String(last.rows[0]?.hash ?? '');
  const data = JSON.stringify(entry.data ?? null);
  const hash = createHash('sha256')
    .update(JSON.stringify([previous, runId, sequence, key, kind, at, data]))
    .digest('hex');
  await transaction.execute({
    sql: 'INSERT INTO checkpoints (run_id, sequence, key, kind, at, data, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    args: [runId, sequence, key, kind, at, data, previous, hash],
  });
}
