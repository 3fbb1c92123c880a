import type { Checkpoint, LedgerHead } from '../run/event.js';
import { warnOf } from '../telemetry/warnings.js';

/** Shortest time between two commits, in milliseconds. Entries that come sooner are gathered. */
const GATHER_MS = 25;

/** Heads of the runs' chains after a write, by short id. */
export type Heads = Map<string, LedgerHead>;

interface Waiting {
  entries: Checkpoint[];
  resolve(heads: Heads): void;
  reject(error: unknown): void;
}

/**
 * Gathers concurrent writes of many runs into one transaction, and so into one disk flush. If the transaction fails, each writer's
 * entries are written alone, so each writer gets its own result.
 */
export function groupCommits(
  write: (entries: Checkpoint[]) => Promise<Heads>,
): (entries: Checkpoint[]) => Promise<Heads> {
  let gathered: Waiting[] = [];
  let committedAt = Number.NEGATIVE_INFINITY;

  const commit = async () => {
    const group = gathered;
    gathered = [];
    committedAt = performance.now();
    try {
      const heads = await write(group.flatMap(({ entries }) => entries));
      for (const { resolve } of group) resolve(heads);
    } catch (error) {
      const [only] = group;
      if (group.length === 1) return only?.reject(error);
      warnOf('ledger-group', error, 'Entries that were written together failed; each writer tries alone');
      for (const { entries, resolve, reject } of group) await write(entries).then(resolve, reject);
    }
  };

  return (entries) =>
    new Promise((resolve, reject) => {
      if (gathered.length === 0) setTimeout(commit, Math.max(0, committedAt + GATHER_MS - performance.now()));
      gathered.push({ entries, resolve, reject });
    });
}
