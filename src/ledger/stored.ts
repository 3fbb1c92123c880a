import type { Checkpoint } from '../run/run.js';
import type { StoredEntry } from './chain.js';
import type { Row } from './database.js';

/** An entry out of a row of the table. */
export function entryOf(row: Row): StoredEntry {
  const json = String(row.data);
  return {
    runId: String(row.run_id),
    sequence: Number(row.sequence),
    key: String(row.key),
    kind: String(row.kind) as Checkpoint['kind'],
    at: String(row.at),
    data: dataOf(json),
    json,
    previous: String(row.previous),
    hash: String(row.hash),
  };
}

/** Data that was tampered with may be no JSON any more; `verify` must still be able to say so. */
export function dataOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
