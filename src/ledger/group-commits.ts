import type { Checkpoint, LedgerHead } from '../run/event.js';

/** How long entries are gathered, in milliseconds. Nobody waits for a checkpoint. */
const GATHER_MS = 25;

/** Where each run's chain ends after a write, by short id. */
export type Heads = Map<string, LedgerHead>;

interface Waiting {
  entries: Checkpoint[];
  resolve(heads: Heads): void;
  reject(error: unknown): void;
}

/**
 * Gathers what many runs write at about the same time into one transaction, and with it one wait for the disk. Each writer
 * hears of its own entries: when the transaction fails, they are written one writer after the other.
 */
export function groupCommits(
  write: (entries: Checkpoint[]) => Promise<Heads>,
): (entries: Checkpoint[]) => Promise<Heads> {
  let gathered: Waiting[] = [];

  const commit = async () => {
    const group = gathered;
    gathered = [];
    try {
      const heads = await write(group.flatMap(({ entries }) => entries));
      for (const { resolve } of group) resolve(heads);
    } catch (error) {
      const [only] = group;
      if (group.length === 1) only?.reject(error);
      else for (const { entries, resolve, reject } of group) await write(entries).then(resolve, reject);
    }
  };

  return (entries) =>
    new Promise((resolve, reject) => {
      if (gathered.length === 0) setTimeout(commit, GATHER_MS);
      gathered.push({ entries, resolve, reject });
    });
}
