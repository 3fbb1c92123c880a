import { CountersignError } from '../errors.js';
import { FORMATS, type Format, headerOf, lineOf } from '../ledger/export.js';
import { flawOf, type Ledger, type LedgerEntry, type StoredEntry, shown } from '../ledger/index.js';
import type { KeptHead } from '../run/run.js';

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

/** Where each run's chain ended by what is kept outside the database; or why that can't be read, a sentence. */
export type Heads = Map<string, KeptHead | { unreadable: string }>;

/**
 * Checks the chains of one run, or of all, against themselves and against where they ended by Temporal or by a card. Prints what is
 * wrong, and what came after the end of a run, a line a run; false when something is wrong.
 *
 * @param heads By run id; undefined: they are not compared.
 */
export async function verifyRuns(
  ledger: Pick<Ledger, 'read' | 'runs'>,
  { runId, heads }: { runId?: string | undefined; heads: Heads | undefined },
  say: Say,
): Promise<boolean> {
  const ids = runId ? [runId] : [...new Set([...(await ledger.runs()), ...(heads?.keys() ?? [])])];
  const found = { flaws: 0, entries: 0, compared: 0, later: 0 };
  for (const id of ids) {
    const chain = await ledger.read(id);
    const head = heads?.get(id);
    found.entries += chain.length;
    if (head) found.compared += 1;
    const flaw = flawIn(chain, head);
    if (flaw) {
      found.flaws += 1;
      say(`Run ${shown(id)}: ${flaw}.`);
    } else if (head && 'sequence' in head) {
      const after = chain.slice(head.sequence);
      if (!head.end) found.later += after.length;
      else if (after.length > 0) say(`Run ${shown(id)}: after its end came ${kindsOf(after)}.`);
    }
  }
  say(summaryOf(ids.length, found, heads !== undefined));
  return found.flaws === 0;
}

/**
 * Where a chain ended by a finished card, which shows the entry and the beginning of its hash: `12:3fa9…`.
 *
 * @throws CountersignError when it is not that.
 */
export function headOf(text: string): KeptHead {
  const [, entry, hash] = /^([1-9]\d{0,8}):([0-9a-f]{32,64})$/i.exec(text) ?? [];
  if (entry === undefined || hash === undefined) {
    throw new CountersignError(
      'Usage',
      '--head: give what the finished card shows, the entry and its hash with a colon in between, 32 characters of it or more: --head 12:3fa9…',
    );
  }
  return { sequence: Number(entry), hash: hash.toLowerCase(), end: 'card' };
}

/** What is wrong with a run’s chain, also by where it ended according to Temporal; undefined when it holds. */
export function flawIn(chain: StoredEntry[], head?: KeptHead | { unreadable: string }): string | undefined {
  if (chain.length === 0)
    return head ? 'the ledger has nothing of it, and Temporal knows it' : 'there is no such run';
  if (!head || 'sequence' in head) return flawOf(chain, head);
  return flawOf(chain) ?? `where it ended can't be read in Temporal's memo: ${shown(head.unreadable, 300)}`;
}

/** "2 refused, 1 repaired". */
function kindsOf(entries: StoredEntry[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of entries) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${shown(kind)}`).join(', ');
}

function summaryOf(
  ids: number,
  { flaws, entries, compared, later }: { flaws: number; entries: number; compared: number; later: number },
  outside: boolean,
): string {
  const runs = `${counted(ids, 'run', 'runs')}, ${counted(entries, 'entry', 'entries')}`;
  if (flaws > 0) return `${runs}: ${flaws} broken.`;
  if (ids === 0) return 'The ledger has no run, so there is nothing to check.';
  if (!outside) {
    return `${runs}: every chain holds; not compared with anything outside the database, so a cut tail or a rewritten chain would not show.`;
  }
  const open =
    later > 0
      ? ` Of runs that go on, or were ended from outside, ${counted(later, 'entry is', 'entries are')} newer than that.`
      : '';
  return `${runs}: every chain holds; ${compared} compared with where they ended according to what is kept outside the database.${open}`;
}

function counted(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
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
