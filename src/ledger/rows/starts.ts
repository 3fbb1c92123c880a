import type { StartLimit, StartLimits } from '../../approval/policy.js';
import type { LimitReached } from '../../run/admission.js';
import { insertRows, type Query } from '../database/database.js';
import { OPEN_STATES } from '../views/tables.js';

/** A start of a run. */
export interface Start {
  /** A start with the same key counts once. */
  key: string;
  shortId: string;
  /** The requester's user id. */
  person: string;
  /** Channel of the card. */
  channel: string;
}

const DAY_MS = 24 * 3_600_000;

/**
 * A start that is not on record as a run after this time counts no longer, in milliseconds: Temporal didn't take it. The run is put on record
 * right after its start.
 */
const UNRECORDED_MS = 10 * 60_000;

/** Counts a start, unless a limit is reached. Call it in a transaction that other starts of this person and channel wait for. */
export async function countStart(
  query: Query,
  { key, shortId, person, channel }: Start,
  { perPerson = {}, perChannel = {} }: StartLimits,
): Promise<LimitReached | undefined> {
  const [known] = await query('SELECT 1 AS found FROM starts WHERE key = ?', [key]);
  if (known) return undefined;
  const reached =
    (await findReached(query, { of: 'person', id: person, shortId }, perPerson)) ??
    (await findReached(query, { of: 'channel', id: channel, shortId }, perChannel));
  if (reached) return reached;
  await insertRows(query, 'starts', [{ key, run_id: shortId, person, channel, at: ago(0) }]);
  return undefined;
}

/** Transactions that count starts of one person, or in one channel, wait for each other by these names. */
export function startChains({ person, channel }: Start): string[] {
  return [`starts/${person}`, `starts/${channel}`];
}

interface Counted {
  of: LimitReached['of'];
  /** Id of the person or the channel. */
  id: string;
  shortId: string;
}

async function findReached(
  query: Query,
  { of, id, shortId }: Counted,
  { atOnce, perDay }: StartLimit,
): Promise<LimitReached | undefined> {
  if (atOnce !== undefined) {
    const sql = `SELECT run_id FROM runs WHERE state IN ${OPEN_STATES} AND ${of === 'person' ? 'requester' : 'channel'} = ?
      UNION SELECT run_id FROM starts WHERE ${of} = ? AND at > ?
        AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.run_id = starts.run_id)`;
    const rows = await query(sql, [id, id, ago(UNRECORDED_MS)]);
    const running = rows.map(({ run_id }) => String(run_id)).filter((run) => run !== shortId);
    if (running.length >= atOnce) {
      return { of, part: 'atOnce', limit: atOnce, ...(of === 'person' && { running }) };
    }
  }
  if (perDay !== undefined) {
    const sql = `SELECT at FROM starts WHERE ${of} = ? AND at > ?
      AND (at > ? OR EXISTS (SELECT 1 FROM runs WHERE runs.run_id = starts.run_id)) ORDER BY at DESC LIMIT ?`;
    const rows = await query(sql, [id, ago(DAY_MS), ago(UNRECORDED_MS), perDay]);
    const oldest = rows[perDay - 1];
    if (oldest) {
      const goesOnAt = new Date(Date.parse(String(oldest.at)) + DAY_MS).toISOString();
      return { of, part: 'perDay', limit: perDay, goesOnAt };
    }
  }
  return undefined;
}

/** The moment so long ago, ISO 8601. */
function ago(ms: number): string {
  return new Date(Date.now() - ms).toISOString();
}
