import type { Person } from '../approval/person.js';
import type { StoredEntry } from './chain.js';
import { decode, isForeign, type LedgerEntry, printable } from './events/events.js';

export type Format = 'jsonl' | 'csv';

const COLUMNS = ['run', 'sequence', 'at', 'kind', 'who', 'key', 'data', 'previous', 'hash'] as const;

/** First line of an export: column names for CSV (RFC 4180), none for JSON lines. */
export function headerOf(format: Format): string | undefined {
  return format === 'csv' ? COLUMNS.join(',') : undefined;
}

/** Line of an entry. A foreign entry is printed too; `foreign` holds the reason. */
export function lineOf(entry: StoredEntry, format: Format): string {
  if (format === 'jsonl') {
    const { shortId: runId, ...printed } = printable(entry);
    return JSON.stringify({ runId, ...printed });
  }
  const { shortId, sequence, at, kind, key, data, previous, hash } = entry;
  const decoded = decode(entry);
  const who = isForeign(decoded) ? '' : whoIn(decoded);
  return [shortId, String(sequence), at, kind, who, key, data, previous, hash].map(cell).join(',');
}

/** Prefixes an apostrophe to a text that a spreadsheet would run as a formula, as OWASP's "CSV Injection" advises. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Person behind an event, as team/user; empty for an event of the run itself. */
function whoIn({ data }: LedgerEntry): string {
  const person = readPerson(data);
  return person ? `${person.team}/${person.user}` : '';
}

function readPerson(data: LedgerEntry['data']): Person | undefined {
  if ('by' in data && data.by) return data.by;
  if ('decision' in data) return data.decision.by;
  if ('outcome' in data && typeof data.outcome === 'object' && 'decision' in data.outcome) {
    return data.outcome.decision.by;
  }
  return 'requester' in data ? data.requester : undefined;
}
