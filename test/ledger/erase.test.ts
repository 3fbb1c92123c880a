import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { createClient } from '@libsql/client';
import { verifyRuns } from '../../src/cli/ledger/ledger.js';
import { openLedger } from '../../src/ledger/index.js';
import { completed } from '../support/ledger/end-events.js';
import { assertErased, assertKeptForRepair, SECRET } from '../support/ledger/erased.js';
import { eventsOf, started } from '../support/ledger/events.js';
import { assertPayloads } from '../support/ledger/payloads.js';

describe('erased runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'erase-'));
  after(() => rmSync(folder, { recursive: true }));
  const url = (name: string) => `file:${join(folder, name)}`;

  it('can be read by nobody, and their chains hold', async () => {
    const ledger = await openLedger(url('erased.db'));
    await assertErased(ledger);
    await ledger.close();
  });

  it('are left alone until their cards show the end', async () => {
    const ledger = await openLedger(url('repairs.db'));
    await assertKeptForRepair(ledger);
    await ledger.close();
  });

  it('leave neither their words nor their keys in the file', async () => {
    const file = url('bytes.db');
    const ledger = await openLedger(file);
    // Each append replaces the view of the run.
    for (const event of eventsOf('gone', started({ goal: SECRET }), completed)) await ledger.append([event]);
    const client = createClient({ url: file });
    const { rows } = await client.execute('SELECT key FROM run_keys');
    client.close();
    const key = Buffer.from(rows[0]?.key as ArrayBuffer);
    assert.equal(key.length, 32);
    const has = (bytes: Buffer) =>
      readdirSync(folder)
        .filter((name) => name.startsWith('bytes.db'))
        .some((name) => readFileSync(join(folder, name)).includes(bytes));
    assert.deepEqual([has(Buffer.from(SECRET)), has(key)], [true, true]);
    await ledger.prune(new Date().toISOString());
    assert.deepEqual([has(Buffer.from(SECRET)), has(key)], [false, false]);
    await ledger.close();
  });

  it('are said to be in the log still while another process reads the file', async () => {
    const file = url('read.db');
    const ledger = await openLedger(file);
    await ledger.append(eventsOf('gone', started({ goal: SECRET }), completed));
    const reader = await createClient({ url: file }).transaction('read');
    await reader.execute('SELECT count(*) FROM entries');
    await assert.rejects(ledger.prune(new Date().toISOString()), /erased, but .*-wal.*Repeat this/);
    reader.close();
    assert.equal(await ledger.prune(new Date().toISOString()), 0);
    await ledger.close();
  });

  it('are told from runs whose keys were taken away or exchanged', async () => {
    const file = url('keys.db');
    const ledger = await openLedger(file);
    await ledger.append([...eventsOf('one', started()), ...eventsOf('other', started())]);
    const client = createClient({ url: file });
    await client.execute("DELETE FROM run_keys WHERE run_id = 'one'");
    await client.execute("UPDATE run_keys SET key = randomblob(32) WHERE run_id = 'other'");
    client.close();
    const lines: string[] = [];
    assert.ok(!(await verifyRuns(ledger, { heads: undefined }, (line) => lines.push(line))));
    await ledger.close();
    assert.match(lines.join('\n'), /^Run one: entry 1 .* can't be read: the key of its run is missing\.$/m);
    assert.match(lines.join('\n'), /^Run other: entry 1 .* was not sealed with the key of its run\.$/m);
  });

  it('have no payloads left, and a part of a payload is stored once a run', async () => {
    const ledger = await openLedger(url('payloads.db'));
    await assertPayloads(ledger);
    await ledger.close();
  });
});
