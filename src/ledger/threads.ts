import type { Checkpoint } from '../run/run.js';
import type { Run } from './database.js';

/** Where a run shows itself: a channel, and the `ts` of the thread's root in it. */
interface Place {
  channel: string;
  thread: string;
}

/** Keeps where an entry's run shows itself; a later card in the same thread changes nothing. */
export async function keepPlace(run: Run, entry: Checkpoint): Promise<void> {
  const place = placeOf(entry);
  if (!place) return;
  const sql = 'INSERT INTO threads (channel, thread, run_id, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';
  await run(sql, [place.channel, place.thread, entry.runId, entry.at]);
}

/** The ids of the runs that were asked for, or have a card, in a thread; the newest last. */
export async function runsIn(run: Run, channel: string, thread: string): Promise<string[]> {
  const sql = 'SELECT run_id FROM threads WHERE channel = ? AND thread = ? ORDER BY at, run_id';
  return (await run(sql, [channel, thread])).map((row) => String(row.run_id));
}

/** What an id of Slack's, or a `ts`, may be. A forged run may name a place that no index takes, and is put on record all the same. */
function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.]{1,100}$/.test(value);
}

/** A run that was asked for in a thread is there before its card; other cards begin a thread of their own. */
function placeOf({ kind, data }: Checkpoint): Place | undefined {
  if (kind === 'started') {
    const { channel, thread } = (data ?? {}) as Partial<Place>;
    return isId(channel) && isId(thread) ? { channel, thread } : undefined;
  }
  if (kind !== 'posted') return undefined;
  const { card } = (data ?? {}) as { card?: { channel?: string; ts?: string; thread?: string } };
  const thread = card?.thread ?? card?.ts;
  const channel = card?.channel;
  return isId(channel) && isId(thread) ? { channel, thread } : undefined;
}
