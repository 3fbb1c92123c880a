import { CountersignError } from './core/errors.js';
import type { LedgerHead } from './core/run.js';
import { FORMATS, type Format, headerOf, lineOf } from './ledger/export.js';
import { flawOf, type Ledger, type LedgerEntry, type StoredEntry } from './ledger/index.js';

type Say = (line: string) => void;

/** Prints a run's entries, one JSON object a line. */
export async function showRun(ledger: Pick<Ledger, 'read'>, runId: string, say: Say): Promise<void> {
  const entries = await known(ledger, runId);
  for (const entry of entries) say(lineOf(plain(entry), 'jsonl'));
}

/** Prints the entries of one run, or of all. */
export async function exportRuns(
  ledger: Pick<Ledger, 'read' | 'runs'>,
  { runId, format }: { runId?: string | undefined; format: string },
  say: Say,
): Promise<void> {
  if (!FORMATS.some((known) => known === format)) {
    throw new CountersignError('Usage', `--format: "${format}" is none. Use ${FORMATS.join(' or ')}.`);
  }
  const header = headerOf(format as Format);
  if (header) say(header);
  for (const id of runId ? [runId] : await ledger.runs()) {
    for (const entry of await known(ledger, id)) say(lineOf(plain(entry), format as Format));
  }
}

/**
 * Checks the chains of one run, or of all, against themselves and against where they ended by Temporal or by a card. Prints what is
 * wrong, a line a run; false when something is.
 *
 * @param heads By run id; undefined: they are not compared.
 */
export async function verifyRuns(
  ledger: Pick<Ledger, 'read' | 'runs'>,
  { runId, heads }: { runId?: string | undefined; heads: Map<string, Partial<LedgerHead>> | undefined },
  say: Say,
): Promise<boolean> {
  const ids = runId ? [runId] : [...new Set([...(await ledger.runs()), ...(heads?.keys() ?? [])])];
  let flaws = 0;
  let entries = 0;
  let compared = 0;
  for (const id of ids) {
    const chain = await ledger.read(id);
    const head = heads?.get(id);
    entries += chain.length;
    if (head) compared += 1;
    const flaw = flawIn(chain, head);
    if (!flaw) continue;
    flaws += 1;
    say(`Run ${id}: ${flaw}.`);
  }
  const runs = `${ids.length} ${ids.length === 1 ? 'run' : 'runs'}, ${entries} ${entries === 1 ? 'entry' : 'entries'}`;
  const outside = heads
    ? `${compared} compared with where they ended according to what is kept outside the database`
    : 'not compared with anything outside the database, so a cut tail or a rewritten chain would not show';
  say(flaws === 0 ? `${runs}: every chain holds; ${outside}.` : `${runs}: ${flaws} broken.`);
  return flaws === 0;
}

function flawIn(chain: StoredEntry[], head?: Partial<LedgerHead>): string | undefined {
  if (chain.length === 0)
    return head ? 'the ledger has nothing of it, and Temporal knows it' : 'there is no such run';
  return flawOf(chain, head && { hash: head.hash ?? '', sequence: head.sequence ?? 0 });
}

async function known(ledger: Pick<Ledger, 'read'>, runId: string): Promise<StoredEntry[]> {
  const entries = await ledger.read(runId);
  if (entries.length === 0) throw new CountersignError('UnknownRun', `The ledger knows no run "${runId}".`);
  return entries;
}

/** Without the letters of its data, which the hash is taken over. */
function plain({ json: _letters, ...entry }: StoredEntry): LedgerEntry {
  return entry;
}
