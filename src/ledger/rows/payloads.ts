import { type Database, insertRows, marksOf } from '../database/database.js';

/** A piece of a payload. The id is derived from its content. */
export interface PayloadPart {
  id: string;
  data: Uint8Array;
}

/** A payload that is stored outside Temporal: the run that it belongs to, its metadata as JSON, and its bytes in parts. */
export interface KeptPayload {
  run: string;
  /** Derived from the content, so storing a payload twice changes nothing. */
  id: string;
  metadata: string;
  parts: PayloadPart[];
}

/** Stores payloads that are too large for Temporal. A part that a run has already is not stored again. */
export function payloadRows({ query, transaction }: Pick<Database, 'query' | 'transaction'>) {
  return {
    async keepPayload({ run, id, metadata, parts }: KeptPayload): Promise<void> {
      const ids = [...new Set(parts.map((part) => part.id))];
      await transaction(async (inside) => {
        const sql = `SELECT id FROM payload_parts WHERE run_id = ? AND id IN ${marksOf(ids)}`;
        const known = new Set((await inside(sql, [run, ...ids])).map((row) => String(row.id)));
        const missing = new Map(parts.filter((part) => !known.has(part.id)).map((part) => [part.id, part]));
        const rows = [...missing.values()].map((part) => ({ run_id: run, ...part }));
        await insertRows(inside, 'payload_parts', rows, 'ON CONFLICT DO NOTHING');
        const list = JSON.stringify(parts.map((part) => part.id));
        const row = { run_id: run, id, metadata, parts: list };
        await insertRows(inside, 'payloads', [row], 'ON CONFLICT DO NOTHING');
      });
    },

    /** Reads a payload; undefined when it is not there, or lacks a part. */
    async readPayload(run: string, id: string): Promise<{ metadata: string; data: Uint8Array } | undefined> {
      const [row] = await query('SELECT metadata, parts FROM payloads WHERE run_id = ? AND id = ?', [
        run,
        id,
      ]);
      if (!row) return undefined;
      const ids: string[] = JSON.parse(String(row.parts));
      const sql = `SELECT id, data FROM payload_parts WHERE run_id = ? AND id IN ${marksOf(ids)}`;
      const found = await query(sql, [run, ...ids]);
      const parts = new Map(found.map((part) => [String(part.id), Buffer.from(part.data as ArrayBuffer)]));
      const data = ids.map((part) => parts.get(part));
      if (!data.every((part) => part !== undefined)) return undefined;
      return { metadata: String(row.metadata), data: Buffer.concat(data) };
    },
  };
}
