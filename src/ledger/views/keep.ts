import { decidersOf, saysIn } from '../../run/board.js';
import type { Checkpoint } from '../../run/event.js';
import { isSettled, isVisible, type RunView, reduce } from '../../run/run-view.js';
import { entryFrom, type StoredEntry } from '../chain.js';
import type { Query, Value } from '../database/database.js';
import { eventsIn } from '../events/events.js';

/** Columns that are written, by table. */
const COLUMNS = {
  runs: [
    ...['run_id', 'sequence', 'state', 'requester', 'channel', 'card', 'expires_at'],
    ...['changed_at', 'unsettled', 'view'],
  ],
  open_requests: ['approver', 'run_id', 'requester', 'changed_at'],
  has_say: ['approver', 'run_id', 'requester', 'changed_at'],
  threads: ['channel', 'thread', 'run_id', 'at'],
};
type Table = keyof typeof COLUMNS;
type Rows = Record<Table, Value[][]>;

const TABLES: Table[] = ['runs', 'open_requests', 'has_say', 'threads'];
const ON_CONFLICT: Partial<Record<Table, string>> = {
  runs: `(run_id) DO UPDATE SET ${COLUMNS.runs.map((name) => `${name} = excluded.${name}`).join(', ')}`,
};

/** A run's view as it is kept, reduced from the entries up to `sequence`. */
export interface KeptView {
  view?: RunView;
  sequence: number;
}

/** Brings a run's views up to date with entries that were just written; from all of its entries where the views lack some. */
export async function updateViews(
  query: Query,
  shortId: string,
  kept: KeptView,
  written: StoredEntry[],
): Promise<void> {
  if (written[0]?.sequence !== kept.sequence + 1) {
    await deleteViews(query, shortId);
    const rows = await query('SELECT * FROM entries WHERE run_id = ? ORDER BY sequence', [shortId]);
    return insert(query, rowsFrom(undefined, rows.map(entryFrom)));
  }
  const rows = rowsFrom(kept.view, written);
  if (kept.view && eventsIn(written).some(isVisible)) {
    for (const table of ['open_requests', 'has_say']) {
      await query(`DELETE FROM ${table} WHERE run_id = ?`, [shortId]);
    }
  }
  await insert(query, rows);
}

/** Runs that are made anew at a time. */
const BATCH = 200;

/** Makes the views of all runs anew, out of their entries. */
export async function rebuildViews(query: Query): Promise<void> {
  for (const table of TABLES) await query(`DELETE FROM ${table}`);
  const ids = (await query('SELECT DISTINCT run_id FROM entries')).map(({ run_id }) => String(run_id));
  for (let from = 0; from < ids.length; from += BATCH) {
    const batch = ids.slice(from, from + BATCH);
    const marks = batch.map(() => '?').join(', ');
    const sql = `SELECT * FROM entries WHERE run_id IN (${marks}) ORDER BY run_id, sequence`;
    const entries = (await query(sql, batch)).map(entryFrom);
    const rows = batch.map((shortId) =>
      rowsFrom(
        undefined,
        entries.filter((entry) => entry.shortId === shortId),
      ),
    );
    await insert(query, {
      runs: rows.flatMap(({ runs }) => runs),
      open_requests: rows.flatMap(({ open_requests }) => open_requests),
      has_say: rows.flatMap(({ has_say }) => has_say),
      threads: rows.flatMap(({ threads }) => threads),
    });
  }
}

export async function deleteViews(query: Query, shortId: string): Promise<void> {
  for (const table of TABLES) await query(`DELETE FROM ${table} WHERE run_id = ?`, [shortId]);
}

/** Rows of a run after entries that follow on its view; who has a say is only written where that, or its order, changes. */
function rowsFrom(before: RunView | undefined, entries: StoredEntry[]): Rows {
  const events = eventsIn(entries);
  const view = events.reduce<RunView | undefined>(reduce, before);
  const threads = events.flatMap(placeOf);
  if (!view) return { runs: [], open_requests: [], has_say: [], threads };
  const { shortId, state, channel, openCard, expiresAt, changedAt } = view;
  const requester = idOr(view.requester.user, '');
  const named = (names: string[]) =>
    events.some(isVisible) ? names.filter(isId).map((name) => [name, shortId, requester, changedAt]) : [];
  return {
    runs: [
      [
        ...[shortId, entries.at(-1)?.sequence ?? 0, state, requester, idOr(channel, '')],
        ...[openCard ? JSON.stringify(openCard) : null, idOr(expiresAt, null)],
        ...[changedAt, isSettled(view) ? 0 : 1, JSON.stringify(view)],
      ],
    ],
    open_requests: named(decidersOf(view)),
    has_say: named(saysIn(view)),
    threads,
  };
}

/** SQLite takes 32,766 arguments in one statement, PostgreSQL 65,535. */
const MOST_ARGUMENTS = 30_000;

async function insert(query: Query, rows: Rows): Promise<void> {
  for (const table of TABLES) {
    const columns = COLUMNS[table];
    const into = `${table} (${columns.join(', ')})`;
    const atOnce = Math.floor(MOST_ARGUMENTS / columns.length);
    for (let from = 0; from < rows[table].length; from += atOnce) {
      const part = rows[table].slice(from, from + atOnce);
      const values = part.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ');
      const conflict = ON_CONFLICT[table] ?? 'DO NOTHING';
      await query(`INSERT INTO ${into} VALUES ${values} ON CONFLICT ${conflict}`, part.flat());
    }
  }
}

/** Rows for the threads in which an event's run shows itself: a run that was asked for in a thread is there before its card. */
function placeOf({ shortId, at, kind, data }: Checkpoint): Value[][] {
  const [channel, thread] =
    kind === 'started'
      ? [data.channel, data.thread]
      : kind === 'posted'
        ? [data.message.channel, data.message.thread ?? data.message.ts]
        : [];
  return isId(channel) && isId(thread) ? [[channel, thread, shortId, at]] : [];
}

/** Ids of Slack's and moments. A forged event may hold anything; what no index would take is left out of the views. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w./:+-]{1,100}$/.test(value);
}

function idOr<T>(value: unknown, otherwise: T): string | T {
  return isId(value) ? value : otherwise;
}
