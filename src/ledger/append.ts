import type { Checkpoint, LedgerHead } from '../run/event.js';
import type { RunView } from '../run/run-view.js';
import { entryFrom, hashOf, type StoredEntry } from './chain.js';
import { insertRows, marksOf, type Query } from './database/database.js';
import type { Heads } from './group-commits.js';
import {
  ENTRIES_WITH_KEYS,
  ENTRY_COLUMNS,
  keyIn,
  makeRunKey,
  type RunKey,
  sealBody,
} from './rows/run-keys.js';
import { type KeptView, updateViews, VIEW_VERSION } from './views/keep.js';

/** Prefixes of keys that identify their entry alone: several processes may write such an entry at different times, and the first one counts. */
const SHARED = ['start/', 'late/', 'refused/', 'repaired/', 'gone/', 'end/'];

/** Entries whose key is in use by an entry with other content. */
export type TakenKeys = Pick<StoredEntry, 'shortId' | 'key' | 'kind'>[];

/** Entries of a run that were just written, and its view before them. */
export interface NewEntries {
  before?: RunView;
  written: StoredEntry[];
}

/** An entry without its place in the chain, not sealed yet. */
type Unchained = Pick<StoredEntry, 'shortId' | 'key' | 'kind' | 'at' | 'data'>;

/**
 * Appends the entries in order, each once, and updates the views of their runs. A foreign entry may already hold an entry's key; then the
 * key `key#2`, `key#3`, … that is free first is used.
 */
export async function append(
  query: Query,
  entries: Checkpoint[],
): Promise<{ heads: Heads; taken: TakenKeys; news: NewEntries[] }> {
  const heads: Heads = new Map();
  const taken: TakenKeys = [];
  const news: NewEntries[] = [];
  const runs = new Map<string, Unchained[]>();
  for (const { data, ...entry } of entries) {
    const unchained = { ...entry, data: JSON.stringify(data ?? null) };
    runs.set(entry.shortId, [...(runs.get(entry.shortId) ?? []), unchained]);
  }
  for (const [shortId, own] of runs) {
    const { head: before, kept, runKey: lastKey } = await runIn(query, shortId);
    const known = await entriesWith(
      query,
      shortId,
      own.map(({ key }) => key),
    );
    let head = before;
    let runKey = lastKey;
    const written: StoredEntry[] = [];
    for (const entry of own) {
      const key = await freeKey(query, entry, known);
      if (key === undefined) continue;
      const sequence = head.sequence + 1;
      runKey ??= await makeRunKey(query, shortId);
      const sealed = sealBody(runKey, entry.data);
      const chained = { ...entry, key, sequence, previous: head.hash, sealed };
      head = { sequence: chained.sequence, hash: hashOf(chained) };
      written.push({ ...chained, hash: head.hash });
      known.set(key, entry);
      if (key !== entry.key) taken.push({ shortId, key: entry.key, kind: entry.kind });
    }
    heads.set(shortId, head);
    if (written.length === 0 || !runKey) continue;
    const { number } = runKey;
    const rows = written.map(({ shortId, data: _clear, sealed, ...rest }) => ({
      ...{ run_id: shortId, key_number: number, data: sealed },
      ...rest,
    }));
    await insertRows(query, 'entries', rows);
    await updateViews(query, shortId, kept, written);
    news.push({ ...(kept.view && { before: kept.view }), written });
  }
  return { heads, taken, news };
}

/** Reads the head of a run's chain, the key of its newest entry, and the stored view of the run. An erased run has no key. */
async function runIn(
  query: Query,
  shortId: string,
): Promise<{ head: LedgerHead; kept: KeptView; runKey: RunKey | undefined }> {
  const sql = `SELECT entries.sequence, hash, runs.sequence AS reduced, view_version, view, key_number, run_keys.key AS run_key
    FROM ${ENTRIES_WITH_KEYS} LEFT JOIN runs ON runs.run_id = entries.run_id
    WHERE entries.run_id = ? ORDER BY entries.sequence DESC LIMIT 1`;
  const [row] = await query(sql, [shortId]);
  const key = row && keyIn(row);
  // The view of an older version is made anew.
  const isCurrent = row?.view != null && Number(row.view_version) >= VIEW_VERSION;
  return {
    runKey: key && { number: Number(row.key_number), key },
    head: { sequence: Number(row?.sequence ?? 0), hash: String(row?.hash ?? '') },
    kept: {
      sequence: isCurrent ? Number(row?.reduced) : 0,
      ...(isCurrent && { view: JSON.parse(String(row?.view)) }),
    },
  };
}

type Content = Pick<StoredEntry, 'kind' | 'data' | 'erasedAt'>;

/** Finds the entries that exist under these keys. */
async function entriesWith(query: Query, shortId: string, keys: string[]): Promise<Map<string, Content>> {
  const sql = `SELECT ${ENTRY_COLUMNS} FROM ${ENTRIES_WITH_KEYS}
    WHERE entries.run_id = ? AND entries.key IN ${marksOf(keys)}`;
  const rows = await query(sql, [shortId, ...keys]);
  return new Map(rows.map(entryFrom).map((entry) => [entry.key, entry]));
}

/** Finds a key for an entry; undefined when the entry already exists. */
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

/**
 * True for two attempts at one entry. Their times may differ: where a query and a signal race, a replay can give the run's code another
 * time. Of an erased entry only its key and its kind can be compared.
 */
function isSame(found: Content, { key, kind, data }: Unchained): boolean {
  if (found.kind !== kind) return false;
  if (found.erasedAt !== undefined) return true;
  return SHARED.some((prefix) => key.startsWith(prefix)) || found.data === data;
}
