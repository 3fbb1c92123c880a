import { decidersOf, saysIn } from '../../run/board.js';
import type { Checkpoint } from '../../run/event.js';
import { isSettled, isVisible, type RunView, reduce } from '../../run/run-view.js';
import { entryFrom, type StoredEntry } from '../chain.js';
import type { Query, Value } from '../database/database.js';
import { eventsIn } from '../events/events.js';

const TABLES = ['runs', 'open_requests', 'has_say', 'threads'];

/** A run's view as it is kept, reduced from the entries up to `sequence`. */
export interface KeptView {
  view?: RunView;
  sequence: number;
}

/** Brings a run's views up to date with entries that were just written; from all of its entries where some are missing in them. */
export async function updateViews(
  query: Query,
  runId: string,
  kept: KeptView,
  written: StoredEntry[],
): Promise<void> {
  const isNext = written[0]?.sequence === kept.sequence + 1;
  if (isNext) await writeViews(query, kept.view, written);
  else await rebuildRun(query, runId);
}

/** Makes the views of all runs anew, out of their entries. */
export async function rebuildViews(query: Query): Promise<void> {
  for (const table of TABLES) await query(`DELETE FROM ${table}`);
  for (const { run_id } of await query('SELECT DISTINCT run_id FROM entries')) {
    await rebuildRun(query, String(run_id));
  }
}

async function rebuildRun(query: Query, runId: string): Promise<void> {
  await deleteViews(query, runId);
  const rows = await query('SELECT * FROM entries WHERE run_id = ? ORDER BY sequence', [runId]);
  await writeViews(query, undefined, rows.map(entryFrom));
}

export async function deleteViews(query: Query, runId: string): Promise<void> {
  for (const table of TABLES) await query(`DELETE FROM ${table} WHERE run_id = ?`, [runId]);
}

async function writeViews(query: Query, before: RunView | undefined, entries: StoredEntry[]): Promise<void> {
  const events = eventsIn(entries);
  const view = events.reduce<RunView | undefined>(reduce, before);
  await insert(query, 'threads (channel, thread, run_id, at)', events.flatMap(placeOf), 'DO NOTHING');
  if (!view) return;
  await writeRun(query, view, entries.at(-1)?.sequence ?? 0);
  if (!events.some(isVisible)) return;
  await writeNames(query, 'open_requests', view, decidersOf(view), before);
  await writeNames(query, 'has_say', view, saysIn(view), before);
}

const RUN_COLUMNS = [
  'sequence',
  'state',
  'requester',
  'channel',
  'card',
  'expires_at',
  'changed_at',
  'unsettled',
  'view',
];
const UPDATE_RUN = `(run_id) DO UPDATE SET ${RUN_COLUMNS.map((name) => `${name} = excluded.${name}`).join(', ')}`;

async function writeRun(query: Query, view: RunView, sequence: number): Promise<void> {
  const { runId, state, requester, channel, openCard, expiresAt, changedAt } = view;
  const row = [
    ...[runId, sequence, state, idOr(requester.user, ''), idOr(channel, '')],
    openCard ? JSON.stringify(openCard) : null,
    idOr(expiresAt, null),
    ...[changedAt, isSettled(view) ? 0 : 1, JSON.stringify(view)],
  ];
  await insert(query, `runs (run_id, ${RUN_COLUMNS.join(', ')})`, [row], UPDATE_RUN);
}

async function writeNames(
  query: Query,
  table: 'open_requests' | 'has_say',
  { runId, requester, changedAt }: RunView,
  names: string[],
  before: RunView | undefined,
): Promise<void> {
  if (before) await query(`DELETE FROM ${table} WHERE run_id = ?`, [runId]);
  const rows = names.filter(isId).map((name) => [name, runId, idOr(requester.user, ''), changedAt]);
  await insert(query, `${table} (approver, run_id, requester, changed_at)`, rows, 'DO NOTHING');
}

async function insert(query: Query, into: string, rows: Value[][], onConflict: string): Promise<void> {
  if (rows.length === 0) return;
  const values = rows.map((row) => `(${row.map(() => '?').join(', ')})`).join(', ');
  await query(`INSERT INTO ${into} VALUES ${values} ON CONFLICT ${onConflict}`, rows.flat());
}

/** Rows for the threads in which an event's run shows itself: a run that was asked for in a thread is there before its card. */
function placeOf({ runId, at, kind, data }: Checkpoint): Value[][] {
  const [channel, thread] =
    kind === 'started'
      ? [data.channel, data.thread]
      : kind === 'posted'
        ? [data.message.channel, data.message.thread ?? data.message.ts]
        : [];
  return isId(channel) && isId(thread) ? [[channel, thread, runId, at]] : [];
}

/** Ids of Slack's and moments. A forged event may hold anything; what no index would take is left out of the views. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w./:+-]{1,100}$/.test(value);
}

function idOr<T>(value: unknown, otherwise: T): string | T {
  return isId(value) ? value : otherwise;
}
