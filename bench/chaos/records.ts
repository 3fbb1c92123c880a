import type { Client } from '@temporalio/client';
import { flawIn } from '../../src/cli/ledger.js';
import { type LedgerEntry, openLedger, type StoredEntry } from '../../src/ledger/index.js';
import { createRuns } from '../../src/temporal/runs.js';
import type { Violation } from './invariants/index.js';

/** What the ledger knows of every run, and which chains don't hold, also by what Temporal keeps of them. */
export async function readRecords(
  url: string,
  client: Client,
): Promise<{ entries: Map<string, LedgerEntry[]>; flaws: Violation[] }> {
  const ledger = await openLedger(url);
  try {
    const entries = new Map<string, StoredEntry[]>();
    for (const run of await ledger.runs()) entries.set(run, await ledger.read(run));
    const heads = await createRuns(client, '').heads();
    const flaws = [...new Set([...entries.keys(), ...heads.keys()])].flatMap((run): Violation[] => {
      const what = flawIn(entries.get(run) ?? [], heads.get(run));
      return what ? [{ run, what: `its chain in the ledger: ${what}` }] : [];
    });
    return { entries, flaws };
  } finally {
    await ledger.close();
  }
}
