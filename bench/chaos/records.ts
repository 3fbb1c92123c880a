import type { Client } from '@temporalio/client';
import { checkRun } from '../../src/cli/ledger/ledger.js';
import { decode, isForeign } from '../../src/ledger/events/events.js';
import { eventsIn, type LedgerEntry, openLedger } from '../../src/ledger/index.js';
import { headInHistory, listHeads } from '../../src/temporal/heads.js';
import type { Violation } from './invariants/index.js';

/** Reads every run's ledger entries, and checks each chain against itself and against the head that Temporal keeps. */
export async function readRecords(
  url: string,
  client: Client,
): Promise<{ entries: Map<string, LedgerEntry[]>; flaws: Violation[] }> {
  const ledger = await openLedger(url);
  try {
    const listed = await listHeads(client);
    const heads = { listed, exact: (run: string) => headInHistory(client, run) };
    const entries = new Map<string, LedgerEntry[]>();
    const flaws: Violation[] = [];
    for (const run of new Set([...(await ledger.runs()), ...listed.keys()])) {
      const { chain, flaw } = await checkRun(ledger, run, heads);
      if (chain.length > 0) entries.set(run, eventsIn(chain));
      for (const entry of chain.map(decode).filter(isForeign))
        flaws.push({ run, what: `its entry ${entry.sequence} (${entry.kind}) is ${entry.foreign}` });
      if (flaw) flaws.push({ run, what: `its chain in the ledger: ${flaw}` });
    }
    return { entries, flaws };
  } finally {
    await ledger.close();
  }
}
