import { type Format, headerOf, lineOf } from '../../ledger/export.js';
import { flawOf, type Ledger, type StoredEntry, shown } from '../../ledger/index.js';
import { CountersignError } from '../../platform/errors.js';
import type { KeptHead } from '../../run/event.js';

type Say = (line: string) => void;

/** Prints a run's entries, one JSON object a line. */
export async function showRun(ledger: Pick<Ledger, 'stored'>, shortId: string, say: Say): Promise<void> {
  const entries = await entriesOf(ledger, shortId);
  for (const entry of entries) say(lineOf(entry, 'jsonl'));
}

/** Prints the entries of one run, or of all runs. */
export async function exportRuns(
  ledger: Pick<Ledger, 'stored' | 'runs'>,
  { shortId, format }: { shortId?: string | undefined; format: Format },
  say: Say,
): Promise<void> {
  const header = headerOf(format);
  if (header) say(header);
  for (const id of shortId ? [shortId] : await ledger.runs()) {
    for (const entry of await entriesOf(ledger, id)) say(lineOf(entry, format));
  }
}

/** Head of a run's chain as kept outside the database; or a sentence that says why it can't be read. */
export type OutsideHead = KeptHead | { unreadable: string };

/** Heads of the runs' chains, as kept outside the database. */
export interface OutsideHeads {
  /** Heads by run id. They may lag behind. */
  listed: Map<string, OutsideHead>;
  /** Reads the exact head of one run. It is slow, so it is read only before an alarm. */
  exact?(shortId: string): Promise<OutsideHead | undefined>;
}

/**
 * Checks the chains of one run, or of all, for changes, and against the heads that Temporal or a card kept. Prints faults, and entries
 * after a run's end, one line a run. Returns false when there is a fault.
 *
 * @param heads Without it, the chains are compared with nothing outside.
 */
export async function verifyRuns(
  ledger: Pick<Ledger, 'stored' | 'runs'>,
  { shortId, heads }: { shortId?: string | undefined; heads: OutsideHeads | undefined },
  say: Say,
): Promise<boolean> {
  const ids = shortId ? [shortId] : [...new Set([...(await ledger.runs()), ...(heads?.listed.keys() ?? [])])];
  const found = { flaws: 0, entries: 0, compared: 0, later: 0 };
  for (const id of ids) {
    const { chain, head, flaw } = await checkRun(ledger, id, heads);
    found.entries += chain.length;
    if (head) found.compared += 1;
    const erased = chain.filter(({ erasedAt }) => erasedAt !== undefined);
    const erasedAt = erased.at(-1)?.erasedAt;
    if (erasedAt !== undefined)
      say(`Run ${shown(id)}: erased on ${shown(erasedAt)}, ${counted(erased.length, 'entry', 'entries')}.`);
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

/** Reads a run's chain and its outside head, and checks them. `flaw` is unset for a sound chain. */
export async function checkRun(
  ledger: Pick<Ledger, 'stored'>,
  shortId: string,
  heads?: OutsideHeads,
): Promise<{ chain: StoredEntry[]; head: OutsideHead | undefined; flaw: string | undefined }> {
  const chain = await ledger.stored(shortId);
  const listed = heads?.listed.get(shortId);
  const flaw = flawIn(chain, listed);
  if (!flaw || !listed || !heads?.exact || flawOf(chain)) return { chain, head: listed, flaw };
  // No exact head: a new execution has just begun. The listed head is a lower bound, and says nothing about the chain's end.
  const head = (await heads.exact(shortId)) ?? withoutEnd(listed);
  // The chain may have grown while the exact head was read.
  const grown = await ledger.stored(shortId);
  return { chain: grown, head, flaw: flawIn(grown, head) };
}

function withoutEnd(head: OutsideHead): OutsideHead {
  return 'sequence' in head ? { sequence: head.sequence, hash: head.hash } : head;
}

/** Parses the head that a finished card keeps, the entry and the beginning of its hash: `12:3fa9…`. @throws CountersignError for any other text. */
export function headOf(text: string): KeptHead {
  const [, entry, hash] = /^([1-9]\d{0,8}):([0-9a-f]{32,64})$/i.exec(text) ?? [];
  if (entry === undefined || hash === undefined) {
    throw new CountersignError(
      'Usage',
      '--head: give the entry and its hash from Details of the finished card, with a colon between, and at least 32 characters of the hash: --head 12:3fa9…',
    );
  }
  return { sequence: Number(entry), hash: hash.toLowerCase(), end: 'card' };
}

/** Flaw of a run's chain, also by its head in Temporal; undefined when the chain holds. */
function flawIn(chain: StoredEntry[], head?: OutsideHead): string | undefined {
  if (chain.length === 0)
    return head ? 'the ledger has nothing of it, and Temporal knows it' : 'there is no such run';
  if (!head || 'sequence' in head) return flawOf(chain, head);
  return flawOf(chain) ?? `where it ended can't be read in Temporal's memo: ${shown(head.unreadable, 300)}`;
}

/** Counts entries by kind: "2 refused, 1 repaired". */
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

async function entriesOf(ledger: Pick<Ledger, 'stored'>, shortId: string): Promise<StoredEntry[]> {
  const entries = await ledger.stored(shortId);
  if (entries.length === 0) throw new CountersignError('UnknownRun', `The ledger knows no run "${shortId}".`);
  return entries;
}
