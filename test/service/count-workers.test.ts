import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openLedger } from '../../src/ledger/index.js';
import { countWorkers } from '../../src/service/count-workers.js';

it('workers count each other, and no more those that have stopped or are dead', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'workers-'));
  const ledger = await openLedger(`file:${join(folder, 'ledger.db')}`);
  await ledger.takeLease('leader', 'a bot', 60_000);
  await ledger.takeLease('worker/killed', 'killed', 400);
  const said: number[][] = [[], []];
  const [first, second] = said.map((own) =>
    countWorkers({ leases: ledger, counted: (count) => own.push(count), everyMs: 50 }),
  );
  const until = async (worker: number, count: number) => {
    for (const end = Date.now() + 5_000; said[worker]?.at(-1) !== count; await delay(20))
      assert.ok(Date.now() < end, `${said[worker]}, not ${count}`);
  };
  assert.ok(first && second);
  await until(0, 3);
  await until(1, 2);
  await second.stop();
  await until(0, 1);
  await first.stop();
  assert.equal(await ledger.countLeases('worker/'), 0);
  assert.equal(await ledger.leaseHolder('leader'), 'a bot');
  await ledger.close();
  rmSync(folder, { recursive: true });
});
