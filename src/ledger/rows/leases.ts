import type { Database } from '../database/database.js';

/** The moment by the database's clock, in milliseconds since 1970. Clocks of the processes may differ. */
const NOW: Record<Database['kind'], string> = {
  sqlite: "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
  postgres: 'CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)',
};

/** Leases by name. One process at a time holds each, until it gives the lease back or lets it expire. */
export function leaseRows({ kind, query, transaction }: Database) {
  const now = NOW[kind];
  return {
    /** Takes a lease, or renews it, for a time from now in milliseconds. Returns false while another process holds it. */
    async takeLease(name: string, holder: string, forMs: number): Promise<boolean> {
      const sql = `INSERT INTO leases (name, holder, expires_at) VALUES (?, ?, ${now} + ?)
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
          WHERE leases.holder = excluded.holder OR leases.expires_at <= ${now}
        RETURNING holder`;
      return (await transaction((inside) => inside(sql, [name, holder, Math.round(forMs)]))).length > 0;
    },

    /** Gives a lease back. The lease of another holder stays. */
    async releaseLease(name: string, holder: string): Promise<void> {
      const sql = 'DELETE FROM leases WHERE name = ? AND holder = ?';
      await transaction((inside) => inside(sql, [name, holder]));
    },

    /** Counts the leases whose names begin so, and that have not expired. Those that have are deleted. */
    async countLeases(beginning: string): Promise<number> {
      const isOne = 'substr(name, 1, ?) = ?';
      const about = [beginning.length, beginning];
      return await transaction(async (inside) => {
        await inside(`DELETE FROM leases WHERE ${isOne} AND expires_at <= ${now}`, about);
        const [row] = await inside(`SELECT count(*) AS count FROM leases WHERE ${isOne}`, about);
        return Number(row?.count);
      });
    },

    /** Holder of a lease that has not expired. */
    async leaseHolder(name: string): Promise<string | undefined> {
      const sql = `SELECT holder FROM leases WHERE name = ? AND expires_at > ${now}`;
      const [row] = await query(sql, [name]);
      return row && String(row.holder);
    },
  };
}
