import { createHash } from 'node:crypto';
import type { EventKind, KeptHead } from '../run/event.js';
import type { Row } from './database/database.js';

/** An entry as it stands in the ledger. */
export interface StoredEntry {
  shortId: string;
  sequence: number;
  key: string;
  kind: string;
  at: string;
  /** JSON, letter for letter as it was written: the chain covers it. */
  data: string;
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
    data: String(row.data),
    previous: String(row.previous),
    hash: String(row.hash),
  };
}

export function hashOf(entry: Omit<StoredEntry, 'hash'>): string {
  const { previous, shortId, sequence, key, kind, at, data } = entry;
  return createHash('sha256')
    .update(JSON.stringify([previous, shortId, sequence, key, kind, at, data]))
    .digest('hex');
}

/**
 * Kinds that are written once a run is over, by what says so. The memo is written last of all: only late clicks and repairs of a card come
 * after it. The card is drawn a moment before, beside what goes on about the run's messages.
 */
const AFTER_THE_END: Record<'memo' | 'card', readonly EventKind[]> = {
  memo: ['refused', 'repaired'],
  card: ['refused', 'repaired', 'unshown', 'notified', 'reminded', 'posted'],
};

/**
 * Flaw of a run's chain, in words; undefined when the chain holds.
 *
 * @param head End of the chain according to Temporal or a card: the entries up to it must be there, unchanged, and after the end
 * of a run only what belongs there.
 */
export function flawOf(entries: StoredEntry[], head?: KeptHead): string | undefined {
  return brokenLink(entries) ?? takenKey(entries) ?? (head && flawAt(entries, head));
}

function brokenLink(entries: StoredEntry[]): string | undefined {
  let previous = '';
  for (const [index, entry] of entries.entries()) {
    const place = placeOf(entry);
    if (entry.sequence !== index + 1) return `entry ${index + 1} is missing: after ${index} comes ${place}`;
    if (entry.previous !== previous) return `${place} does not follow from the entry before it`;
    if (entry.hash !== hashOf(entry)) return `${place} was changed`;
    previous = entry.hash;
  }
  return undefined;
}

/** The ledger gives an entry another key only where its own was taken by an entry that is none of ours. */
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
  // The end itself comes later where the ledger was away just then, and it was written for the run.
  const last = entries.slice(0, sequence).findLast(({ kind }) => kind === 'started' || kind === 'ended');
  const late: EventKind[] = last?.kind === 'started' ? ['ended'] : [];
  const kinds: string[] = [...AFTER_THE_END[end], ...late];
  const belongs = ({ kind }: StoredEntry) => kinds.includes(kind);
  const foreign = entries.slice(sequence).find((entry) => !belongs(entry));
  if (!foreign) return undefined;
  const again = end === 'card' && foreign.kind === 'started';
  const remedy = again ? '. If the run was tried again since, take the hash that its card shows now' : '';
  return `${placeOf(foreign)} does not belong there: the run was over at entry ${sequence}${remedy}`;
}

/** Place of an entry. A tampered entry may hold anything, and a terminal acts on control characters. */
function placeOf({ sequence, kind, at }: StoredEntry): string {
  return `entry ${sequence} (${shown(kind)}, ${shown(at)})`;
}

/** A text of the database, as it may be printed. */
export function shown(text: string, limit = 60): string {
  return text.slice(0, limit).replaceAll(/[^\x20-\x7e]/g, '?');
}
