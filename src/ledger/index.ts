import type { Person } from '../approval/person.js';
import type { Checkpoint, MessageRef } from '../run/run.js';
import { type Taken, append as write } from './append.js';
import type { LedgerEntry } from './chain.js';
import { openDatabase } from './database.js';
import { groupCommits } from './group-commits.js';
import { migrate } from './migrations.js';
import { readable } from './read.js';
import { dataOf, entryOf } from './stored.js';
import { runsIn } from './threads.js';

export { flawOf, type LedgerEntry, type StoredEntry, shown } from './chain.js';
export { withoutPassword } from './database.js';
export { openLedgerToRead } from './read.js';

/** A payload that is kept outside Temporal: its metadata as JSON, and its bytes. */
export interface KeptPayload {
  metadata: string;
  data: Uint8Array;
}

/**
 * Runs that have not ended, and those whose messages may not show their end: what could not be brought up to date, and what was posted or
 * sent to people since the last plan, unless the run ended by itself. An end with a key `gone/…` was written for it.
 */
const UNSETTLED = `
  SELECT run_id, kind, data FROM checkpoints AS told
  WHERE kind IN ('started', 'posted', 'notified', 'unshown') AND at > ?
    AND NOT EXISTS (
      SELECT 1 FROM checkpoints AS later
      WHERE later.run_id = told.run_id AND later.sequence > told.sequence
        AND (later.key = 'repaired/' || told.key
          OR (told.kind = 'started' AND later.kind IN ('started', 'ended'))
          OR (told.kind IN ('posted', 'notified') AND later.kind IN ('planned', 'ended') AND NOT (
            later.kind = 'ended' AND EXISTS (
              SELECT 1 FROM checkpoints AS gone
              WHERE gone.run_id = told.run_id AND gone.sequence >= later.sequence AND gone.key LIKE 'gone/%'
            ))))
    )
  ORDER BY run_id, sequence`;

/** What tells where runs stand, of those that wait and of the newest others. */
const STANDING = `
  SELECT * FROM checkpoints
  WHERE kind IN ('started', 'requested', 'posted', 'voted', 'lapsed', 'extended', 'escalated', 'decided', 'ended',
      'tool-requested', 'tool-voted', 'tool-decided', 'questioned', 'answered')
    AND run_id IN (
      SELECT run_id FROM (SELECT run_id FROM checkpoints WHERE kind = 'started' ORDER BY at DESC LIMIT ?) AS newest
      UNION
      SELECT run_id FROM checkpoints AS asked
      WHERE kind IN ('requested', 'tool-requested', 'questioned') AND at > ? AND NOT EXISTS (
        SELECT 1 FROM checkpoints AS later
        WHERE later.run_id = asked.run_id AND later.sequence > asked.sequence AND later.kind IN ('decided', 'ended')
      )
    )
  ORDER BY run_id, sequence`;

/** What an entry of a posted message tells. `ask`: the tool call or the question that it is about; unset: the plan. */
interface Posted {
  card: MessageRef;
  copy?: boolean;
  ask?: string;
}

export type Ledger = Awaited<ReturnType<typeof openLedger>>;

export interface LedgerEvents {
  /** Entries are on disk; one that was there already may be told again. */
  appended?(entries: Checkpoint[]): void;
  /** The keys of entries were taken by others that no process of ours wrote; ours are written beside them. */
  keysTaken?(entries: Taken): void;
}

/**
 * Opens the ledger: append only, one hash chain a run.
 *
 * @param url `file:…` (SQLite) or `postgres://…`.
 * @throws ConfigError when it can't be opened.
 */
export async function openLedger(url: string, { appended, keysTaken }: LedgerEvents = {}) {
  const database = await openDatabase(url);
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  const append = groupCommits(async (entries) => {
    const chains = entries.map(({ runId }) => runId);
    const { heads, taken } = await database.transaction((run) => write(run, entries), chains);
    appended?.(entries);
    if (taken.length > 0) keysTaken?.(taken);
    return heads;
  });

  return {
    /** Writes the entries in order, each once. Resolves with where the chain of each of their runs ends now. */
    append,

    /**
     * The runs since a moment (ISO 8601) that have not ended, or whose messages may not show how, each with the message in which
     * it waits for people (not the copies beside it).
     */
    async unsettled(since: string): Promise<Map<string, MessageRef | undefined>> {
      const runs = new Map<string, MessageRef | undefined>();
      for (const row of await database.run(UNSETTLED, [since])) {
        const { card, copy, ask } = (dataOf(String(row.data)) ?? {}) as Posted;
        const waits = row.kind === 'posted' && !copy && ask === undefined;
        runs.set(String(row.run_id), waits ? card : runs.get(String(row.run_id)));
      }
      return runs;
    },

    ...readable(database),

    /** What tells where the runs stand that have waited since a moment (ISO 8601), and the newest others, run by run. */
    async standing(newest: number, since: string): Promise<Map<string, LedgerEntry[]>> {
      const runs = new Map<string, LedgerEntry[]>();
      for (const row of await database.run(STANDING, [newest, since])) {
        const entry = entryOf(row);
        runs.set(entry.runId, [...(runs.get(entry.runId) ?? []), entry]);
      }
      return runs;
    },

    /** The ids of the runs that were asked for, or have a card, in the thread under a message; the newest last. */
    runsIn: (channel: string, threadTs: string): Promise<string[]> => runsIn(database.run, channel, threadTs),

    /** Remembers that a person has opened App Home. */
    async homeOpened({ team, user }: Person, at: string): Promise<void> {
      await database.transaction(async (run) => {
        const sql = 'INSERT INTO home_hours (hour, team, person) VALUES (?, ?, ?) ON CONFLICT DO NOTHING';
        await run(sql, [hourOf(at), team, user]);
      });
    },

    /** Those who opened App Home since the hour of a moment (ISO 8601), the last ones first. */
    async homesOpened(since: string, limit: number): Promise<Person[]> {
      const sql = `SELECT team, person FROM home_hours WHERE hour >= ?
        GROUP BY team, person ORDER BY MAX(hour) DESC LIMIT ?`;
      const rows = await database.run(sql, [hourOf(since), limit]);
      return rows.map(({ team, person }) => ({ team: String(team), user: String(person) }));
    },

    /** Keeps what is too large for Temporal; `id` names its content, so keeping it twice changes nothing. */
    async keepPayload(id: string, { metadata, data }: KeptPayload): Promise<void> {
      await database.transaction(async (run) => {
        const sql = 'INSERT INTO payloads (id, metadata, data) VALUES (?, ?, ?) ON CONFLICT DO NOTHING';
        await run(sql, [id, metadata, data]);
      });
    },

    async readPayload(id: string): Promise<KeptPayload | undefined> {
      const [row] = await database.run('SELECT metadata, data FROM payloads WHERE id = ?', [id]);
      return row && { metadata: String(row.metadata), data: new Uint8Array(row.data as ArrayBuffer) };
    },

    async close(): Promise<void> {
      await append([]);
      await database.close();
    },
  };
}

/** The hour of a moment (ISO 8601), as it sorts. */
function hourOf(at: string): string {
  return at.slice(0, 'yyyy-mm-ddThh'.length);
}
