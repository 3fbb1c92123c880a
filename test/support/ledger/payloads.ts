import assert from 'node:assert/strict';
import type { Ledger } from '../../../src/ledger/index.js';

/** Asserts that payloads come back whole, each part stored once a run. */
export async function assertPayloads(ledger: Ledger): Promise<void> {
  const metadata = '{"encoding":"YQ=="}';
  const part = (...bytes: number[]) => ({ id: `part${bytes.join('-')}`, data: new Uint8Array(bytes) });
  const keep = (run: string, id: string, ...parts: ReturnType<typeof part>[]) =>
    ledger.keepPayload({ run, id, metadata, parts });
  await keep('run1', 'p1', part(0, 1, 255), part(7), part(0, 1, 255));
  await keep('run1', 'p1', part(0, 1, 255), part(7), part(0, 1, 255));
  await keep('run1', 'p2', part(7), part(8));
  await keep('run2', 'p1', part(9));
  const read = async (run: string, id: string) => {
    const kept = await ledger.readPayload(run, id);
    return kept && [kept.metadata, ...kept.data];
  };
  assert.deepEqual(await read('run1', 'p1'), [metadata, 0, 1, 255, 7, 0, 1, 255]);
  assert.deepEqual(await read('run1', 'p2'), [metadata, 7, 8]);
  assert.deepEqual(await read('run2', 'p1'), [metadata, 9]);
  assert.equal(await read('run2', 'p2'), undefined);
}
