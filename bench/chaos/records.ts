import type { Client } from '@temporalio/client';
import { verifyRuns } from '../../src/audit.js';
import { type LedgerEntry, openLedger } from '../../src/ledger/index.js';
import { createRuns } from '../../src/temporal/runs.js';
import type { Violation } from './invariants/index.js';

/** What the ledger knows of every run, and which chains don't hold, also by what Temporal keeps of them. */
export async function readRecords(
  url: string,
  client: Client,
): Promise<{ entries: Map<string, LedgerEntry[]>; flaws: Violation[] }> {
  const ledger = await openLedger(url);
  try {
    const entries = new Map<string, LedgerEntry[]>();
    for (const run of await ledger.runs()) entries.set(run, await ledger.read(run));
    const lines: string[] = [];
    const heads = await createRuns(client, '').heads();
    await verifyRuns(ledger, { heads }, (line) => lines.push(line));
    const flaws = lines.flatMap((line): Violation[] => {
      const [, run, what] = /^Run (\S+): (.*)$/.exec(line) ?? [];
      return run && what ? [{ run, what: `its chain in the ledger: ${what}` }] : [];
    });
    return { entries, flaws };
  } finally {
    await ledger.close();
  }
}
