import type { MessageRef } from '../../run/message.js';
import type { RunView } from '../../run/run-view.js';
import type { Query, Row } from '../database/database.js';

/** Most runs that are read of each kind: started by a person, waiting for them, and those in which they have a say. The newest count. */
const NEWEST = 60;

/** A run for the reconciler, with the messages in which it asks people. */
export interface UnsettledRun {
  shortId: string;
  messages: MessageRef[];
}

export function viewReader(query: Query) {
  const newestOf = async (table: 'open_requests' | 'has_say', names: string[], but = '') => {
    const part = `SELECT run_id, changed_at FROM ${table} WHERE approver = ? AND requester <> ? ORDER BY changed_at DESC LIMIT ?`;
    const parts = names.map(() => `SELECT * FROM (${part}) AS part`).join(' UNION ALL ');
    const sql = `SELECT view FROM runs JOIN (
        SELECT run_id FROM (${parts}) AS named GROUP BY run_id ORDER BY MAX(changed_at) DESC LIMIT ?
      ) AS newest ON newest.run_id = runs.run_id`;
    return await query(sql, [...names.flatMap((name) => [name, but, NEWEST]), NEWEST]);
  };

  return {
    /** View of a run; undefined when the ledger lacks its first event. */
    async view(shortId: string): Promise<RunView | undefined> {
      const [row] = await query('SELECT view FROM runs WHERE run_id = ?', [shortId]);
      return row && viewFrom(row);
    },

    /** Runs that changed since a moment (ISO 8601), and are open or have messages that may not show the end. */
    async unsettled(since: string): Promise<UnsettledRun[]> {
      const sql =
        'SELECT run_id, asking FROM runs WHERE unsettled = 1 AND changed_at > ? ORDER BY changed_at';
      return (await query(sql, [since])).map(({ run_id, asking }) => ({
        shortId: String(run_id),
        messages: JSON.parse(String(asking)),
      }));
    },

    /** Views of all runs that wait for people. */
    async waiting(): Promise<RunView[]> {
      const sql = `SELECT view FROM runs WHERE unsettled = 1 AND state = 'waiting'`;
      return (await query(sql)).map(viewFrom);
    },

    /**
     * Newest runs that a person started, that wait for them, or in which they have a say.
     *
     * @param names Ids by which policies name the person, from `namesOf`.
     */
    async runsFor(user: string, names: string[]): Promise<RunView[]> {
      const started = 'SELECT view FROM runs WHERE requester = ? ORDER BY changed_at DESC LIMIT ?';
      const rows = await Promise.all([
        query(started, [user, NEWEST]),
        newestOf('open_requests', names),
        newestOf('has_say', names, user),
      ]);
      const views = rows.flat().map(viewFrom);
      return [...new Map(views.map((view) => [view.shortId, view])).values()];
    },

    /** User groups that have a say in runs which changed since a moment (ISO 8601). */
    async groups(since: string): Promise<string[]> {
      // The recursion jumps from group to group in the index, because each group has many rows.
      const sql = `WITH RECURSIVE named (approver) AS (
          SELECT MIN(approver) FROM has_say WHERE approver >= 'S' AND approver < 'T'
          UNION ALL
          SELECT (SELECT MIN(approver) FROM has_say WHERE approver > named.approver AND approver < 'T')
            FROM named WHERE approver IS NOT NULL
        )
        SELECT approver FROM named WHERE approver IS NOT NULL AND EXISTS (
          SELECT 1 FROM has_say WHERE has_say.approver = named.approver AND changed_at > ?
        )`;
      return (await query(sql, [since])).map(({ approver }) => String(approver));
    },

    /** Ids of the runs that were started in, or have a card in, the thread under a message; newest last. */
    async runsIn(channel: string, thread: string): Promise<string[]> {
      const sql = 'SELECT run_id FROM threads WHERE channel = ? AND thread = ? ORDER BY at, run_id';
      return (await query(sql, [channel, thread])).map(({ run_id }) => String(run_id));
    },
  };
}

function viewFrom({ view }: Row): RunView {
  return JSON.parse(String(view));
}
