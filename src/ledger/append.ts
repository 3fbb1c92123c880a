import type { Checkpoint, LedgerHead } from '../run/run.js';
import { hashOf } from './chain.js';
import type { Row, Run } from './database.js';
import type { Heads } from './group-commits.js';
import { isBeside } from './shared-keys.js';
import { keepPlace } from './threads.js';

/** Entries whose key was taken by others, of other content. */
export type Taken = Pick<Checkpoint, 'runId' | 'key' | 'kind'>[];

/** An entry on its way into the table; `data` is its JSON. */
type Written = Omit<Checkpoint, 'data'> & { data: string };

/**
 * Writes the entries in order, each once. One whose key is taken by another of other content, which no process of ours wrote, is
 * written all the same, under the first `key#2`, `key#3`, … that is free.
 */
export async function append(run: Run, entries: Checkpoint[]): Promise<{ heads: Heads; taken: Taken }> {
  const heads: Heads = new Map();
  const taken: Taken = [];
  for (const entry of entries) {
    const { runId, key, kind } = entry;
    const written = { ...entry, data: JSON.stringify(entry.data ?? null) };
    const last = heads.get(runId) ?? (await headOf(run, runId));
    const free = await freeKey(run, written);
    heads.set(runId, free === undefined ? last : await insert(run, { ...written, key: free }, last));
    if (free !== undefined) await keepPlace(run, entry);
    if (free !== undefined && free !== key) taken.push({ runId, key, kind });
  }
  return { heads, taken };
}

async function headOf(run: Run, runId: string): Promise<LedgerHead> {
  const sql = 'SELECT sequence, hash FROM checkpoints WHERE run_id = ? ORDER BY sequence DESC LIMIT 1';
  const [last] = await run(sql, [runId]);
  return { sequence: Number(last?.sequence ?? 0), hash: String(last?.hash ?? '') };
}

/** The key to write an entry under; undefined when it is there already. */
async function freeKey(run: Run, entry: Written): Promise<string | undefined> {
  for (let times = 1; ; times += 1) {
    const key = times === 1 ? entry.key : `${entry.key}#${times}`;
    const sql = 'SELECT kind, at, data FROM checkpoints WHERE run_id = ? AND key = ?';
    const [known] = await run(sql, [entry.runId, key]);
    if (!known) return key;
    if (isSame(known, entry)) return undefined;
  }
}

function isSame(known: Row, { key, kind, at, data }: Written): boolean {
  if (known.kind !== kind) return false;
  return isBeside(key) || (known.at === at && known.data === data);
}

async function insert(run: Run, entry: Written, { sequence: before, hash: previous }: LedgerHead) {
  const { runId, key, kind, at, data } = entry;
  const sequence = before + 1;
  const hash = hashOf({ previous, runId, sequence, key, kind, at }, data);
  const sql =
    'INSERT INTO checkpoints (run_id, sequence, key, kind, at, data, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)';
  await run(sql, [runId, sequence, key, kind, at, data, previous, hash]);
  return { sequence, hash };
}
