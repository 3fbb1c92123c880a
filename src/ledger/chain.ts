import { createHash } from 'node:crypto';
import type { EventKind, KeptHead } from '../run/event.js';
import type { Row } from './database/database.js';
import { openBody } from './rows/run-keys.js';

/** An entry as it is stored in the ledger. */
export interface StoredEntry {
  shortId: string;
  sequence: number;
  key: string;
  kind: string;
  at: string;
  /** JSON as it was written. Empty when the body was erased, or can't be read. */
  data: string;
  /** Body as it is stored, which the hash covers: `data` sealed with the key of the run, in base64. */
  sealed: string;
  /** Moment (ISO 8601) at which the run's key was thrown away. */
  erasedAt?: string;
  /** Reason why the body can't be read, as a text. */
  unreadable?: string;
  previous: string;
  /** SHA-256 over `previous` and the entry, in hex. */
  hash: string;
}

export function entryFrom(row: Row): StoredEntry {
  return {
    shortId: String(row.run_id),
    sequence: Number(row.sequence),
    key: String(row.key),
    kind: String(row.kind),
    at: String(row.at),
    sealed: String(row.data),
    ...openBody(row),
    previous: String(row.previous),
    hash: String(row.hash),
  };
}

export function hashOf(entry: Omit<StoredEntry, 'hash' | 'data'>): string {
  const { previous, shortId, sequence, key, kind, at, sealed } = entry;
  return createHash('sha256')
    .update(JSON.stringify([previous, shortId, sequence, key, kind, at, sealed]))
    .digest('hex');
}

/**
 * Kinds of entry that may follow the end of a run, by the place that shows the end. Only late clicks and repairs follow the memo. The
 * card is drawn earlier, while messages may still change.
 */
const AFTER_THE_END: Record<'memo' | 'card', readonly EventKind[]> = {
  memo: ['refused', 'repaired'],
  card: ['refused', 'repaired', 'unshown', 'notified', 'reminded', 'posted'],
};

/**
 * Finds a flaw in a run's chain, as a text; undefined when the chain holds.
 *
 * @param head Head according to Temporal or a card. Entries up to the head must exist unchanged; after a run's end only certain kinds may
 * follow.
 */
export function flawOf(entries: StoredEntry[], head?: KeptHead): string | undefined {
  return brokenLink(entries) ?? takenKey(entries) ?? (head && flawAt(entries, head));
}

function brokenLink(entries: StoredEntry[]): string | undefined {
  let previous = '';
  for (const [index, entry] of entries.entries()) {
    const place = placeOf(entry);
    if (entry.sequence !== index + 1) return `entry ${index + 1} is missing: after ${index} comes ${place}`;
    if (entry.previous !== previous) return `${place} does not follow from the previous entry`;
    if (entry.hash !== hashOf(entry)) return `${place} was changed`;
    if (entry.unreadable !== undefined) return `${place} can't be read: ${entry.unreadable}`;
    previous = entry.hash;
  }
  return undefined;
}

/** The ledger gives an entry another key only if a foreign entry took the entry's own key. */
function takenKey(entries: StoredEntry[]): string | undefined {
  const byKey = new Map(entries.map((entry) => [entry.key, entry]));
  for (const entry of entries) {
    const foreign = byKey.get(entry.key.replace(/#\d+$/, ''));
    if (foreign && foreign !== entry) {
      return `${placeOf(foreign)} was written by somebody else: it has the key of ${placeOf(entry)}`;
    }
  }
  return undefined;
}

function flawAt(entries: StoredEntry[], { sequence, hash, end }: KeptHead): string | undefined {
  if (entries.length < sequence) {
    return `the tail is cut: there are ${entries.length} entries, and there were ${sequence}`;
  }
  if (!entries[sequence - 1]?.hash.startsWith(hash)) {
    return `the chain was rewritten: entry ${sequence} is not the one whose hash is kept outside the database`;
  }
  if (!end) return undefined;
  // The run's end may follow its card, if the ledger was away at that moment.
  const last = entries.slice(0, sequence).findLast(({ kind }) => kind === 'started' || kind === 'ended');
  const late: EventKind[] = last?.kind === 'started' ? ['ended'] : [];
  const kinds: string[] = [...AFTER_THE_END[end], ...late];
  const belongs = ({ kind }: StoredEntry) => kinds.includes(kind);
  const foreign = entries.slice(sequence).find((entry) => !belongs(entry));
  if (!foreign) return undefined;
  const again = end === 'card' && foreign.kind === 'started';
  const remedy = again ? '. If the run was retried since, use the hash that its card shows now' : '';
  return `${placeOf(foreign)} does not belong there: the run was over at entry ${sequence}${remedy}`;
}

/** Describes the place of an entry. Texts are cleaned, because a tampered entry may hold control characters that a terminal obeys. */
function placeOf({ sequence, kind, at }: StoredEntry): string {
  return `entry ${sequence} (${shown(kind)}, ${shown(at)})`;
}

/** Makes a text from the database safe to print. */
export function shown(text: string, limit = 60): string {
  return text.slice(0, limit).replaceAll(/[^\x20-\x7e]/g, '?');
}
