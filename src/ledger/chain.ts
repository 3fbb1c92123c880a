import { createHash } from 'node:crypto';
import type { Checkpoint, KeptHead } from '../run/run.js';

/** A checkpoint as it stands in the ledger. `hash` is the SHA-256 over `previous` and the entry, in hex. */
export interface LedgerEntry extends Checkpoint {
  sequence: number;
  previous: string;
  hash: string;
}

/** The hash of an entry. `data` is its JSON, letter for letter. */
export function hashOf(entry: Omit<LedgerEntry, 'hash' | 'data'>, data: string): string {
  const { previous, runId, sequence, key, kind, at } = entry;
  return createHash('sha256')
    .update(JSON.stringify([previous, runId, sequence, key, kind, at, data]))
    .digest('hex');
}

/** An entry with the letters of its data, which the hash is taken over. */
export type StoredEntry = LedgerEntry & { json: string };

/**
 * What is written once a run is over, by what says so. The memo is written last of all: only late clicks and repairs of a card come
 * after it. The card is drawn a moment before, beside what goes on about the run's messages.
 */
const AFTER_THE_END: Record<'memo' | 'card', readonly Checkpoint['kind'][]> = {
  memo: ['refused', 'repaired'],
  card: ['refused', 'repaired', 'unshown', 'notified', 'reminded', 'posted'],
};

/**
 * What is wrong with a run's chain, in words; undefined when nothing is.
 *
 * @param head Where the chain ended according to Temporal or a card: the entries up to it must be there, unchanged, and after the end
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
    if (entry.hash !== hashOf(entry, entry.json)) return `${place} was changed`;
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
  const late: string[] = last?.kind === 'started' ? ['ended'] : [];
  const belongs = ({ kind }: StoredEntry) => [...AFTER_THE_END[end], ...late].includes(kind);
  const foreign = entries.slice(sequence).find((entry) => !belongs(entry));
  if (!foreign) return undefined;
  const again = end === 'card' && foreign.kind === 'started';
  const remedy = again ? '. If the run was tried again since, take the hash that its card shows now' : '';
  return `${placeOf(foreign)} does not belong there: the run was over at entry ${sequence}${remedy}`;
}

/** Where an entry stands; what was tampered with may hold anything, and a terminal acts on control characters. */
function placeOf({ sequence, kind, at }: StoredEntry): string {
  return `entry ${sequence} (${shown(kind)}, ${shown(at)})`;
}

/** A text of the database, as it may be printed. */
export function shown(text: string, limit = 60): string {
  return text.slice(0, limit).replaceAll(/[^\x20-\x7e]/g, '?');
}
