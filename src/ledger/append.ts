import type { Checkpoint, LedgerHead } from '../run/event.js';
import { entryFrom, hashOf, type StoredEntry } from './chain.js';
import { insertRows, type Query } from './database/database.js';
import type { Heads } from './group-commits.js';
import { type KeptView, updateViews } from './views/keep.js';

/** Prefixes of keys that alone tell their entry: several processes may write it, each at its own moment, and the first is right. */
const SHARED = ['start/', 'late/', 'refused/', 'repaired/', 'gone/', 'end/'];

/** Entries whose key was taken by others, of other content. */
export type TakenKeys = Pick<StoredEntry, 'shortId' | 'key' | 'kind'>[];

/** An entry without its place in the chain. */
type Unchained = Omit<StoredEntry, 'sequence' | 'previous' | 'hash'>;

/**
 * Writes the entries in order, each once, and brings the views of their runs up to date. One whose key is taken by another of other content,
 * which no process of ours wrote, is written all the same, under the first `key#2`, `key#3`, … that is free.
 */
export async function append(
  query: Query,
  entries: Checkpoint[],
): Promise<{ heads: Heads; taken: TakenKeys }> {
  const heads: Heads = new Map();
  const taken: TakenKeys = [];
  const runs = new Map<string, Unchained[]>();
  for (const { data, ...entry } of entries) {
    const unchained = { ...entry, data: JSON.stringify(data ?? null) };
    runs.set(entry.shortId, [...(runs.get(entry.shortId) ?? []), unchained]);
  }
  for (const [shortId, own] of runs) {
    const { head: before, kept } = await runIn(query, shortId);
    const known = await entriesWith(
      query,
      shortId,
      own.map(({ key }) => key),
    );
    let head = before;
    const written: StoredEntry[] = [];
    for (const entry of own) {
      const key = await freeKey(query, entry, known);
      if (key === undefined) continue;
      const chained = { ...entry, key, sequence: head.sequence + 1, previous: head.hash };
      head = { sequence: chained.sequence, hash: hashOf(chained) };
      written.push({ ...chained, hash: head.hash });
      known.set(key, entry);
      if (key !== entry.key) taken.push({ shortId, key: entry.key, kind: entry.kind });
    }
    heads.set(shortId, head);
    if (written.length === 0) continue;
    const rows = written.map(({ shortId, ...rest }) => ({ run_id: shortId, ...rest }));
    await insertRows(query, 'entries', rows);
    await updateViews(query, shortId, kept, written);
  }
  return { heads, taken };
}

/** End of a run's chain, and the view that is kept of the run. */
async function runIn(query: Query, shortId: string): Promise<{ head: LedgerHead; kept: KeptView }> {
  const sql = `SELECT entries.sequence, hash, runs.sequence AS reduced, view
    FROM entries LEFT JOIN runs ON runs.run_id = entries.run_id
    WHERE entries.run_id = ? ORDER BY entries.sequence DESC LIMIT 1`;
  const [row] = await query(sql, [shortId]);
  return {
    head: { sequence: Number(row?.sequence ?? 0), hash: String(row?.hash ?? '') },
    kept: {
      sequence: Number(row?.reduced ?? 0),
      ...(row?.view != null && { view: JSON.parse(String(row.view)) }),
    },
  };
}

type Content = Pick<StoredEntry, 'kind' | 'at' | 'data'>;

/** Entries that are there already under these keys. */
async function entriesWith(query: Query, shortId: string, keys: string[]): Promise<Map<string, Content>> {
  const marks = keys.map(() => '?').join(', ');
  const sql = `SELECT * FROM entries WHERE run_id = ? AND key IN (${marks})`;
  const rows = await query(sql, [shortId, ...keys]);
  return new Map(rows.map(entryFrom).map((entry) => [entry.key, entry]));
}

/** Key to write an entry under; undefined when it is there already. */
async function freeKey(
  query: Query,
  entry: Unchained,
  known: Map<string, Content>,
): Promise<string | undefined> {
  for (let times = 1; ; times += 1) {
    const key = times === 1 ? entry.key : `${entry.key}#${times}`;
    const found =
      known.get(key) ?? (times > 1 ? (await entriesWith(query, entry.shortId, [key])).get(key) : undefined);
    if (!found) return key;
    if (isSame(found, entry)) return undefined;
  }
}

function isSame(found: Content, { key, kind, at, data }: Unchained): boolean {
  if (found.kind !== kind) return false;
  const isShared = SHARED.some((prefix) => key.startsWith(prefix));
  return isShared || (found.at === at && found.data === data);
}
