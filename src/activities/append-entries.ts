import { withTimeout } from '../platform/with-timeout.js';
import type { Sealed } from '../run/card.js';
import type { Checkpoint, LedgerHead } from '../run/event.js';
import { warnOf } from '../telemetry/warnings.js';
import type { Ledger } from './ports.js';

/** Longest wait for the ledger by an activity that also posts or updates a message, in milliseconds. */
const LEDGER_MS = 5_000;

/** Writes entries of one run into the ledger. Resolves with the head of the run's chain. */
export async function appendEntries(ledger: Ledger, entries: Checkpoint[]): Promise<LedgerHead> {
  const heads = await ledger.append(entries);
  const head = heads.get(entries[0]?.shortId ?? '');
  if (!head) throw new Error('A checkpoint has entries of one run');
  return head;
}

/** Writes entries beside a message. Resolves without a head when the ledger is away: then the workflow writes them later. */
export async function appendBeside(ledger: Ledger, entries: Checkpoint[]): Promise<Sealed> {
  if (entries.length === 0) return {};
  try {
    const append = () => appendEntries(ledger, entries);
    const head = await withTimeout(LEDGER_MS, append, () => {
      throw new Error(`no answer for ${LEDGER_MS / 1000} s`);
    });
    return { head };
  } catch (error) {
    warnOf('ledger-write', error, 'The ledger is away; the entries are written later');
    return {};
  }
}
