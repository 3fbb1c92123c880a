import { createHash } from 'node:crypto';
import type { Checkpoint, LedgerHead } from '../core/run.js';

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
 * What is wrong with a run's chain, in words; undefined when nothing is.
 *
 * @param head Where the chain ended according to Temporal or a card: the entries up to it must be there, unchanged. The hash may be
 * its beginning only, as a card shows it.
 */
export function flawOf(
  entries: StoredEntry[],
  head?: Pick<LedgerHead, 'hash'> & { sequence?: number },
): string | undefined {
  let previous = '';
  for (const [index, entry] of entries.entries()) {
    const place = `entry ${entry.sequence} (${entry.kind}, ${entry.at})`;
    if (entry.sequence !== index + 1) return `entry ${index + 1} is missing: after ${index} comes ${place}`;
    if (entry.previous !== previous) return `${place} does not follow from the entry before it`;
    if (entry.hash !== hashOf(entry, entry.json)) return `${place} was changed`;
    previous = entry.hash;
  }
  if (!head) return undefined;
  const { sequence = 0, hash } = head;
  if (entries.length < sequence) {
    return `the tail is cut: there are ${entries.length} entries, and there were ${sequence}`;
  }
  const same = (entry: StoredEntry | undefined) => entry?.hash.startsWith(hash) ?? false;
  if (sequence > 0 ? same(entries[sequence - 1]) : entries.some(same)) return undefined;
  return sequence > 0
    ? `the chain was rewritten: entry ${sequence} is not the one whose hash is kept outside the database`
    : 'the chain was cut or rewritten: no entry has the hash that is kept outside the database';
}
