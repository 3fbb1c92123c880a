import assert from 'node:assert/strict';
import type { Ledger } from '../../src/ledger/index.js';
import type { Checkpoint } from '../../src/run/event.js';

const entry = (runId: string, minute: number, kind: Checkpoint['kind'], data: unknown): Checkpoint => ({
  runId,
  key: `${minute}/${kind}`,
  kind,
  at: `2026-11-24T11:${String(minute).padStart(2, '0')}:00.000Z`,
  data,
});
const posted = (runId: string, minute: number, card: object, more: object = {}) =>
  entry(runId, minute, 'posted', { card, request: 'r1', expiresAt: '2026-11-27T10:00:00.000Z', ...more });

/** Runs in the thread 5.0 of C1, and some that aren't. */
export const threadEntries: Checkpoint[] = [
  entry('first', 0, 'started', { goal: 'a "quoted" goal \u0000', channel: 'C1' }),
  posted('first', 1, { channel: 'C1', ts: '5.0' }),
  entry('asked', 5, 'started', { goal: 'a follow-up', channel: 'C1', thread: '5.0' }),
  posted('asked', 6, { channel: 'C1', ts: '5.6', thread: '5.0' }),
  // Its card came when it was tried again.
  entry('retried', 2, 'started', { goal: 'b', channel: 'C1' }),
  posted('retried', 3, { channel: 'C1', ts: '5.0' }),
  posted('retried', 9, { channel: 'C1', ts: '5.9', thread: '5.0' }),
  posted('elsewhere', 4, { channel: 'C2', ts: '5.0' }),
  posted('elsewhere', 7, { channel: 'D1', ts: '5.7' }, { copy: true }),
  entry('elsewhere', 8, 'executed', { text: '{"card":{"channel":"C1","ts":"5.0"}}' }),
];

export async function assertThreads(ledger: Pick<Ledger, 'runsIn'>): Promise<void> {
  assert.deepEqual(await ledger.runsIn('C1', '5.0'), ['first', 'retried', 'asked']);
  assert.deepEqual(await ledger.runsIn('C2', '5.0'), ['elsewhere']);
  assert.deepEqual(await ledger.runsIn('D1', '5.7'), ['elsewhere']);
  assert.deepEqual(await ledger.runsIn('C1', '5.6'), [], 'a reply has no thread of its own');
  assert.deepEqual(await ledger.runsIn('C9', '5.0'), []);
}

/** What takes a ledger back to the version before threads were kept, with these entries in it. */
export function beforeThreads(entries: Checkpoint[]): string[] {
  const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
  const values = entries.map(({ runId, key, kind, at, data }, index) => {
    const cells = [runId, index + 1, key, kind, at, JSON.stringify(data), '', 'hash'];
    return `(${cells.map((cell) => (typeof cell === 'number' ? cell : text(cell))).join(', ')})`;
  });
  return [
    'DROP TABLE threads',
    'DROP TABLE home_hours',
    'DELETE FROM schema_version WHERE version > 3',
    ...values.map((value) => `INSERT INTO checkpoints VALUES ${value}`),
  ];
}
