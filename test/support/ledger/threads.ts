import assert from 'node:assert/strict';
import type { Ledger } from '../../../src/ledger/index.js';
import type { Checkpoint, RunEvent } from '../../../src/run/event.js';
import type { MessageRef } from '../../../src/run/message.js';
import { posted, started } from './events.js';

const entry = (shortId: string, minute: number, event: RunEvent): Checkpoint => ({
  ...event,
  shortId,
  key: `${minute}/${event.kind}`,
  at: `2026-11-24T11:${String(minute).padStart(2, '0')}:00.000Z`,
});
const showsAt = (shortId: string, minute: number, message: MessageRef, copy?: true) =>
  entry(shortId, minute, posted(message, copy ? { copy } : {}));

/** Runs in the thread 5.0 of C1, and some that aren't. */
export const threadEntries: Checkpoint[] = [
  entry('first', 0, started({ goal: 'a "quoted" goal \u0000' })),
  showsAt('first', 1, { channel: 'C1', ts: '5.0' }),
  entry('asked', 5, started({ goal: 'a follow-up', thread: '5.0' })),
  showsAt('asked', 6, { channel: 'C1', ts: '5.6', thread: '5.0' }),
  // Its card came when it was tried again.
  entry('retried', 2, started()),
  showsAt('retried', 3, { channel: 'C1', ts: '5.0' }),
  showsAt('retried', 9, { channel: 'C1', ts: '5.9', thread: '5.0' }),
  showsAt('elsewhere', 4, { channel: 'C2', ts: '5.0' }),
  showsAt('elsewhere', 7, { channel: 'D1', ts: '5.7' }, true),
  entry('elsewhere', 8, { kind: 'executed', data: { text: '{"message":{"channel":"C1","ts":"5.0"}}' } }),
];

export async function assertThreads(ledger: Pick<Ledger, 'runsIn'>): Promise<void> {
  assert.deepEqual(await ledger.runsIn('C1', '5.0'), ['first', 'retried', 'asked']);
  assert.deepEqual(await ledger.runsIn('C2', '5.0'), ['elsewhere']);
  assert.deepEqual(await ledger.runsIn('D1', '5.7'), ['elsewhere']);
  assert.deepEqual(await ledger.runsIn('C1', '5.6'), [], 'a reply has no thread of its own');
  assert.deepEqual(await ledger.runsIn('C9', '5.0'), []);
}
