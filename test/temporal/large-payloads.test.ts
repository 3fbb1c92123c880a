import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createClient } from '@libsql/client';
import {
  type DataConverter,
  defaultPayloadConverter,
  type Payload,
  type StorageDriverClaim,
} from '@temporalio/common';
import fc from 'fast-check';
import { openLedger } from '../../src/ledger/index.js';
import { payloadEncryption } from '../../src/temporal/payloads/encryption.js';
import { contentOf, framesIn, joinFrames } from '../../src/temporal/payloads/frames.js';
import { split } from '../../src/temporal/payloads/split.js';
import { dataConverter } from '../../src/temporal/payloads/storage.js';

const words = (index: number, count: number) =>
  Array.from({ length: count }, (_, word) => `word${(index * 7919 + word * 104729) % 100003}`).join(' ');

/** Input of a turn: what stands before the conversation has another length each time. */
const turn = (count: number) => ({
  turn: 'x'.repeat(count % 5),
  exchanges: Array.from({ length: count }, (_, index) => ({ role: 'user', text: words(index, 3_000) })),
  rules: { everything: 'ask' },
});

describe('large payloads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'payloads-'));
  after(() => rmSync(folder, { recursive: true }));

  it('are split where their content says so, and come back whole', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200_000 }), (bytes) => {
        assert.deepEqual(Buffer.concat(split(bytes)), Buffer.from(bytes));
        assert.deepEqual(
          framesIn(joinFrames(split(bytes))).map(contentOf),
          split(bytes).map((part) => Buffer.from(part)),
        );
      }),
      { numRuns: 20 },
    );
    const text = randomBytes(500_000);
    const moved = new Set(split(Buffer.concat([Buffer.from('before'), text])).map((part) => part.toString()));
    const kept = split(text).filter((part) => moved.has(part.toString()));
    assert.ok(kept.length >= split(text).length - 2, 'the same text elsewhere has the same parts');
    assert.throws(() => framesIn(Buffer.from([0, 0, 0, 9, 1])), RangeError);
  });

  const key = { id: '2026', key: randomBytes(32) };
  for (const [what, keys] of [
    ['as they are', undefined],
    ['encrypted', [key]],
  ] as const) {
    it(`add what a turn adds, not the whole conversation: ${what}`, async () => {
      const url = `file:${join(folder, `${keys ? 'encrypted' : 'plain'}.db`)}`;
      const ledger = await openLedger(url);
      const converter: DataConverter = dataConverter({
        store: ledger,
        ...(keys && { keys: [...keys] }),
        takesPlain: false,
      });
      const [driver] = converter.externalStorage?.drivers ?? [];
      const [codec] = converter.payloadCodecs ?? [];
      assert.ok(driver);
      let whole = 0;
      let last: Payload | undefined;
      for (let count = 12; count <= 40; count += 1) {
        const context = {
          type: 'activity',
          namespace: 'n',
          workflowId: 'agent-run1',
          activityId: String(count),
          isLocal: false,
        } as const;
        const payload = defaultPayloadConverter.toPayload(turn(count)) as Payload;
        const [encoded = payload] = (await codec?.encode([payload], context)) ?? [];
        const target = { kind: 'workflow', namespace: 'n', id: 'agent-run1' } as const;
        const claims: StorageDriverClaim[] = await driver.store({ target }, [encoded]);
        whole += encoded.data?.length ?? 0;
        last = encoded;
        const back: Payload[] = await driver.retrieve({}, claims);
        const [decoded] = codec ? await codec.decode(back, context) : back;
        assert.deepEqual(defaultPayloadConverter.fromPayload(decoded as Payload), turn(count));
        assert.equal(claims[0]?.claimData.run, 'run1');
      }
      const client = createClient({ url });
      const { rows } = await client.execute('SELECT SUM(LENGTH(data)) AS bytes FROM payload_parts');
      client.close();
      await ledger.close();
      const stored = Number(rows[0]?.bytes);
      const size = last?.data?.length ?? 0;
      assert.ok(
        stored < 3 * size,
        `${stored} bytes for a conversation of ${size}; ${whole} would be all turns`,
      );
      assert.ok(whole > 10 * size);
    });
  }

  it('are refused where a part is another one', async () => {
    const codec = payloadEncryption([key], false);
    const encrypt = async (count: number) => {
      const [payload] = await codec.encode([defaultPayloadConverter.toPayload(turn(count)) as Payload]);
      return framesIn(payload?.data ?? new Uint8Array());
    };
    const [one, other] = [await encrypt(20), await encrypt(21)];
    const metadata = {
      encoding: Buffer.from('binary/encrypted-parts'),
      'encryption-key-id': Buffer.from('2026'),
    };
    const decode = (frames: Buffer[]) => codec.decode([{ metadata, data: Buffer.concat(frames) }]);
    await decode(one);
    for (const forged of [
      [...one.slice(0, 1), ...other.slice(1)],
      one.slice(0, -1),
      [...one.slice(0, 1), ...one.slice(1).reverse()],
    ])
      await assert.rejects(decode(forged), /the payload or the key has changed/);
  });
});
