import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Client, createClient, type Transaction } from '@libsql/client';
import { ConfigError } from '../core/errors.js';
import type { Checkpoint, MessageRef } from '../core/run.js';
import { groupCommits } from './group-commits.js';

/** A checkpoint as it stands in the ledger. `hash` is the SHA-256 over `previous` and the entry, in hex. */
export interface LedgerEntry extends Checkpoint {
  sequence: number;
  previous: string;
  hash: string;
}

/** A payload that is kept outside Temporal: its metadata as JSON, and its bytes. */
export interface KeptPayload {
  metadata: string;
  data: Uint8Array;
}

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS checkpoints (
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
  )`,
  'CREATE INDEX IF NOT EXISTS checkpoints_by_kind ON checkpoints (kind, at)',
  'CREATE TABLE IF NOT EXISTS payloads (id TEXT PRIMARY KEY, metadata TEXT NOT NULL, data BLOB NOT NULL)',
];

/** Runs whose cards may not show their end: a card after the run's last end, or one that could not be brought up to date. */
const UNSETTLED = `
  SELECT run_id, kind, data FROM checkpoints AS card
  WHERE kind IN ('posted', 'unshown') AND at > ?
    AND NOT EXISTS (
      SELECT 1 FROM checkpoints AS later
      WHERE later.run_id = card.run_id AND later.sequence > card.sequence
        AND (later.key = 'repaired/' || card.key OR (card.kind = 'posted' AND later.kind IN ('planned', 'ended')))
    )
  ORDER BY run_id, sequence`;

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
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = writing.then(work);
    writing = turn.catch(() => 'its writer has been told');
    return turn;
  };
  const append = groupCommits((entries) => inTurn(() => write(client, entries)));

  return {
    /** Writes the entries in order; one whose key is there already is left as it is. */
    append,

    /**
     * The runs since a moment (ISO 8601) whose cards may not show how the run ended, each with the message in which it
     * waits for people (not the copies beside it).
     */
    async unsettled(since: string): Promise<Map<string, MessageRef | undefined>> {
      const { rows } = await client.execute({ sql: UNSETTLED, args: [since] });
      const runs = new Map<string, MessageRef | undefined>();
      for (const row of rows) {
        const { card, copy } = JSON.parse(String(row.data)) as { card: MessageRef; copy?: boolean };
        const waits = row.kind === 'posted' && !copy;
        runs.set(String(row.run_id), waits ? card : runs.get(String(row.run_id)));
      }
      return runs;
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

    /** Keeps what is too large for Temporal; `id` names its content, so keeping it twice changes nothing. */
    keepPayload(id: string, { metadata, data }: KeptPayload): Promise<void> {
      return inTurn(async () => {
        const sql = 'INSERT OR IGNORE INTO payloads (id, metadata, data) VALUES (?, ?, ?)';
        await client.execute({ sql, args: [id, metadata, data] });
      });
    },

    async readPayload(id: string): Promise<KeptPayload | undefined> {
      const { rows } = await client.execute({
        sql: 'SELECT metadata, data FROM payloads WHERE id = ?',
        args: [id],
      });
      const [row] = rows;
      return row && { metadata: String(row.metadata), data: new Uint8Array(row.data as ArrayBuffer) };
    },

    async close(): Promise<void> {
      await append([]);
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
    for (const statement of SCHEMA) await client.execute(statement);
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
