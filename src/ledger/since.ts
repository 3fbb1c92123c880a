import { CountersignError } from '../platform/errors.js';
import { entryFrom, type StoredEntry } from './chain.js';
import type { Database, Row, Value } from './database/database.js';
import { ENTRY_COLUMNS, WITH_KEYS } from './rows/run-keys.js';

/** An entry with its place among the entries of all runs. */
export type PlacedEntry = StoredEntry & { cursor: string };

/** Cursor before the first entry. */
export const BEGINNING = '';

interface Order {
  /** Columns that order the entries, the most important first, and a mark for each as an argument. */
  columns: string[];
  marks: string[];
  /** Condition for entries before which no other one can still be written. */
  isFinal: string;
}

/** SQLite has one writer at a time, and no entry is deleted. So positions are the order of commits. */
const SQLITE: Order = { columns: ['position'], marks: ['?'], isFinal: '1 = 1' };

const newest = (column: string) =>
  `(SELECT ${column} FROM entries ORDER BY epoch DESC, xid DESC, position DESC LIMIT 1)`;

/**
 * In PostgreSQL a transaction may commit later than one with a higher position. Entries are final below the oldest transaction that still
 * writes (`xmin`). An entry of an older epoch came with a backup, and so did one whose transaction id this server has not reached.
 */
const POSTGRES: Order = {
  columns: ['epoch', 'xid', 'position'],
  marks: ['?::integer', '?::xid8', '?::bigint'],
  isFinal: `(xid < pg_snapshot_xmin(pg_current_snapshot()) OR epoch < ${newest('epoch')}
    OR ${newest('xid')} >= pg_snapshot_xmax(pg_current_snapshot()))`,
};

/** Reads the entries of all runs in one order, to which later entries are only added at the end. */
export function cursorReader({ kind, query }: Pick<Database, 'kind' | 'query'>) {
  const { columns, marks, isFinal } = kind === 'sqlite' ? SQLITE : POSTGRES;
  const cursorOf = (row: Row) => columns.map((column) => String(row[column])).join('-');
  const ordered = (way: 'ASC' | 'DESC') => columns.map((column) => `${column} ${way}`).join(', ');
  return {
    /**
     * Entries after a cursor, of all runs and processes, oldest first, and the cursor after the last one. No entry is passed over, also one
     * whose transaction commits late. `BEGINNING` is the cursor before all.
     *
     * @throws CountersignError for a text that is no cursor.
     */
    async since(cursor: string, limit: number): Promise<{ entries: PlacedEntry[]; cursor: string }> {
      const after = cursor === BEGINNING ? undefined : placeIn(cursor, columns.length);
      const later = after ? `(${columns.join(', ')}) > (${marks.join(', ')}) AND ` : '';
      const sql = `SELECT ${ENTRY_COLUMNS}
        FROM (SELECT * FROM entries WHERE ${later}${isFinal} ORDER BY ${ordered('ASC')} LIMIT ?) AS entries
        ${WITH_KEYS} ORDER BY ${ordered('ASC')}`;
      const rows = await query(sql, [...(after ?? []), limit]);
      const entries = rows.map((row) => ({ ...entryFrom(row), cursor: cursorOf(row) }));
      return { entries, cursor: entries.at(-1)?.cursor ?? cursor };
    },

    /**
     * Newest entries, latest first, also those before which another one can still be written. A transaction that stays open elsewhere on the
     * server, such as a long import, holds back `since`, and not these.
     */
    async newest(limit: number): Promise<{ cursor: string; shortId: string; kind: string }[]> {
      const sql = `SELECT ${columns.join(', ')}, run_id, kind FROM entries ORDER BY ${ordered('DESC')} LIMIT ?`;
      const rows = await query(sql, [limit]);
      return rows.map((row) => ({
        cursor: cursorOf(row),
        shortId: String(row.run_id),
        kind: String(row.kind),
      }));
    },

    /** Cursor after the newest entry. Later entries come after it. */
    async newestCursor(): Promise<string> {
      const sql = `SELECT ${columns.join(', ')} FROM entries WHERE ${isFinal} ORDER BY ${ordered('DESC')} LIMIT 1`;
      const [row] = await query(sql);
      return row ? cursorOf(row) : BEGINNING;
    },
  };
}

/** Arguments of a cursor. They are texts, because a transaction's id may be too large for a number. */
function placeIn(cursor: string, parts: number): Value[] {
  const place = cursor.split('-');
  if (place.length === parts && place.every((part) => /^\d{1,19}$/.test(part)))
    return parts === 1 ? place.map(Number) : place;
  throw new CountersignError(
    'Usage',
    `"${cursor.slice(0, 60)}" is no cursor of this ledger. Give the cursor of a line that was exported from it.`,
  );
}
