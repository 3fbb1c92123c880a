import { randomBytes } from 'node:crypto';
import { seal, unseal } from '../../platform/sealing.js';
import type { Query, Row } from '../database/database.js';

const KEY_BYTES = 32;

/**
 * Key that seals the bodies of a run's entries. It stands outside the append-only entries: without it nobody can read the bodies any more,
 * and the chain over the sealed bodies still holds. A run that was erased gets a new key with its next entry.
 */
export interface RunKey {
  number: number;
  key: Buffer;
}

/** Makes the next key of a run, in a transaction that other writers of the run wait for. */
export async function makeRunKey(query: Query, shortId: string): Promise<RunKey> {
  const key = randomBytes(KEY_BYTES);
  const sql = `INSERT INTO run_keys (run_id, number, key)
    VALUES (?, (SELECT COALESCE(MAX(number), 0) + 1 FROM run_keys WHERE run_id = ?), ?) RETURNING number`;
  const [row] = await query(sql, [shortId, shortId, key]);
  return { number: Number(row?.number), key };
}

/** Key of a row that has it in `run_key`; undefined when it is away. */
export function keyIn(row: Row): Buffer | undefined {
  return row.run_key == null ? undefined : Buffer.from(new Uint8Array(row.run_key as ArrayBuffer));
}

/** Joins the keys of their bodies to entries. */
export const WITH_KEYS = `LEFT JOIN run_keys ON run_keys.run_id = entries.run_id
    AND run_keys.number = entries.key_number`;

/** Entries with the keys of their bodies, to select from. */
export const ENTRIES_WITH_KEYS = `entries ${WITH_KEYS}`;

/** Columns of `ENTRIES_WITH_KEYS` from which `entryFrom` reads. */
export const ENTRY_COLUMNS = 'entries.*, run_keys.key AS run_key, run_keys.erased_at';

export function sealBody({ key }: RunKey, body: string): string {
  return seal(key, Buffer.from(body)).toString('base64');
}

/** Body of an entry; or when it was erased, or why it can't be read. */
export type Body = { data: string } | { data: ''; erasedAt: string } | { data: ''; unreadable: string };

/** Opens the body of an entry. */
export function openBody(row: Row): Body {
  const key = keyIn(row);
  if (!key && row.erased_at != null) return { data: '', erasedAt: String(row.erased_at) };
  if (!key) return { data: '', unreadable: 'the key of its run is missing' };
  try {
    return { data: unseal(key, Buffer.from(String(row.data), 'base64')).toString() };
  } catch {
    return { data: '', unreadable: 'it was not sealed with the key of its run' };
  }
}
