import { decidersOf, saysIn } from '../../run/board.js';
import type { Checkpoint } from '../../run/event.js';
import { askingMessages, isSettled, isVisible, type RunView, reduce } from '../../run/run-view.js';
import { entryFrom, type StoredEntry } from '../chain.js';
import { insertRows, marksOf, type Query, type Value } from '../database/database.js';
import { eventsIn } from '../events/events.js';
import { ENTRIES_WITH_KEYS, ENTRY_COLUMNS } from '../rows/run-keys.js';

export const VIEW_TABLES = ['runs', 'open_requests', 'has_say', 'threads'] as const;
type Table = (typeof VIEW_TABLES)[number];
type ViewRow = [table: Table, columns: Record<string, Value>];

/**
 * Version of the reducer (`reduce` in run/run-view.ts) and of these rows. Count it up when the same entries make other views: those of older
 * versions are then made anew, run by run. A service of the version before goes on with newer views, so only add to them.
 */
export const VIEW_VERSION = 1;

/** Stored view of a run, reduced from the entries up to `sequence`. */
export interface KeptView {
  view?: RunView;
  sequence: number;
}

/** Updates a run's views with entries that were just written. Views that lack earlier entries are rebuilt from all of them. */
export async function updateViews(
  query: Query,
  shortId: string,
  kept: KeptView,
  written: StoredEntry[],
): Promise<void> {
  if (written[0]?.sequence !== kept.sequence + 1) return remakeViews(query, [shortId]);
  const changed = eventsIn(written).some(isVisible) ? ['runs', 'open_requests', 'has_say'] : ['runs'];
  for (const table of kept.view ? changed : []) {
    await query(`DELETE FROM ${table} WHERE run_id = ?`, [shortId]);
  }
  await insert(query, rowsFrom(kept.view, written));
}

/** Makes the views of runs anew from all of their entries. */
export async function remakeViews(query: Query, ids: string[]): Promise<void> {
  const marks = marksOf(ids);
  for (const table of VIEW_TABLES) await query(`DELETE FROM ${table} WHERE run_id IN ${marks}`, ids);
  const sql = `SELECT ${ENTRY_COLUMNS} FROM ${ENTRIES_WITH_KEYS}
    WHERE entries.run_id IN ${marks} ORDER BY entries.run_id, sequence`;
  const entries = (await query(sql, ids)).map(entryFrom);
  const rows = ids.flatMap((id) =>
    rowsFrom(
      undefined,
      entries.filter(({ shortId }) => shortId === id),
    ),
  );
  await insert(query, rows);
}

export async function deleteViews(query: Query, shortId: string): Promise<void> {
  for (const table of VIEW_TABLES) await query(`DELETE FROM ${table} WHERE run_id = ?`, [shortId]);
}

/** Rows of a run after entries that follow its view. Rows that name people are written only after events that people see. */
function rowsFrom(before: RunView | undefined, entries: StoredEntry[]): ViewRow[] {
  const events = eventsIn(entries);
  const view = events.reduce<RunView | undefined>(reduce, before);
  const threads = events.flatMap(placeOf);
  if (!view) return threads;
  const { shortId, state, channel, expiresAt, changedAt } = view;
  const requester = idOr(view.requester.user, '');
  const named = (table: Table, names: string[]): ViewRow[] =>
    names
      .filter(isId)
      .map((approver) => [table, { approver, run_id: shortId, requester, changed_at: changedAt }]);
  const run = {
    run_id: shortId,
    sequence: entries.at(-1)?.sequence ?? 0,
    view_version: VIEW_VERSION,
    state,
    requester,
    channel: idOr(channel, ''),
    asking: JSON.stringify(askingMessages(view)),
    expires_at: idOr(expiresAt, null),
    changed_at: changedAt,
    unsettled: isSettled(view) ? 0 : 1,
    view: JSON.stringify(view),
  };
  const people = [...named('open_requests', decidersOf(view)), ...named('has_say', saysIn(view))];
  return [['runs', run], ...threads, ...(events.some(isVisible) ? people : [])];
}

async function insert(query: Query, rows: ViewRow[]): Promise<void> {
  for (const table of VIEW_TABLES) {
    const own = rows.filter(([other]) => other === table).map(([, columns]) => columns);
    await insertRows(query, table, own, 'ON CONFLICT DO NOTHING');
  }
}

/** Rows for the threads in which a run appears. A run that was started in a thread appears there before its card. */
function placeOf({ shortId, at, kind, data }: Checkpoint): ViewRow[] {
  if (kind !== 'started' && kind !== 'posted') return [];
  const { channel, thread } = kind === 'started' ? data : { thread: data.message.ts, ...data.message };
  return isId(channel) && isId(thread) ? [['threads', { channel, thread, run_id: shortId, at }]] : [];
}

/** True for an id of Slack or a moment. A forged event may hold any text, and an index takes only short ones. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w./:+-]{1,100}$/.test(value);
}

function idOr<T>(value: unknown, otherwise: T): string | T {
  return isId(value) ? value : otherwise;
}
