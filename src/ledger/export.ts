import type { LedgerEntry } from './chain.js';

export const FORMATS = ['jsonl', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

const COLUMNS = ['run', 'sequence', 'at', 'kind', 'who', 'key', 'data', 'previous', 'hash'] as const;

/** The lines of an export, entry by entry: JSON objects, or CSV with a first line that names the columns (RFC 4180). */
export function headerOf(format: Format): string | undefined {
  return format === 'csv' ? COLUMNS.join(',') : undefined;
}

export function lineOf(entry: LedgerEntry, format: Format): string {
  if (format === 'jsonl') return JSON.stringify(entry);
  const { runId, sequence, at, kind, key, data, previous, hash } = entry;
  const cells = [runId, String(sequence), at, kind, whoOf(data), key, JSON.stringify(data), previous, hash];
  return cells.map(cell).join(',');
}

/** A text that a spreadsheet takes for a formula is not run: it gets an apostrophe, as OWASP's "CSV Injection" advises. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Who did it, as team/user; empty where the run did it itself. */
function whoOf(data: unknown): string {
  const { by, decision, requester } = (data ?? {}) as {
    by?: { team: string; user: string };
    decision?: { by?: { team: string; user: string } };
    requester?: { team: string; user: string };
  };
  const who = by ?? decision?.by ?? requester;
  return who ? `${who.team}/${who.user}` : '';
}
