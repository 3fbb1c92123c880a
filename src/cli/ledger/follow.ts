import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { lineOf } from '../../ledger/export.js';
import type { Ledger, PlacedEntry } from '../../ledger/index.js';

/** Number of entries that are read at once, and time between two looks for new ones, in milliseconds. */
const PAGE = 500;
const POLL_MS = 500;
/** Longest time between two looks while the database is away, in milliseconds. */
const AWAY_MS = 30_000;

interface Following {
  /** Cursor of the last line that the reader has. */
  since: string;
  /** If true, later entries are printed as they come. */
  follow: boolean;
  signal: AbortSignal;
}

/** Output that takes a line; false when it wants `drain` first. */
type Output = NodeJS.WritableStream;

/**
 * Prints entries of all runs in the order in which they were written, as JSON lines with their cursors. Waits for a reader that is slow, and
 * for a database that is away while it follows.
 */
export async function followEntries(
  ledger: Pick<Ledger, 'since'>,
  { since, follow, signal }: Following,
  output: Output,
  warn: (text: string) => void,
): Promise<void> {
  let cursor = since;
  let failures = 0;
  let isFirst = true;
  while (!signal.aborted) {
    const found = await ledger.since(cursor, PAGE).catch((error: unknown) => {
      // A first look that fails does so for a reason that stays, such as a wrong cursor.
      if (!follow || isFirst) throw error;
      failures += 1;
      if (failures === 1) warn(`The ledger can't be read at the moment (${error}). It is tried again.`);
    });
    isFirst = false;
    if (found) failures = 0;
    for (const entry of found?.entries ?? []) await print(entry, output, signal);
    cursor = found?.cursor ?? cursor;
    if (found?.entries.length === PAGE) continue;
    if (!follow) return;
    await delay(Math.min(POLL_MS * 2 ** failures, AWAY_MS), undefined, { signal }).catch(
      () => 'asked to stop',
    );
  }
}

async function print(entry: PlacedEntry, output: Output, signal: AbortSignal): Promise<void> {
  if (signal.aborted || output.write(`${lineOf(entry, 'jsonl')}\n`)) return;
  await once(output, 'drain', { signal }).catch(() => 'asked to stop');
}
