import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openLedger } from '../../src/ledger/index.js';
import { createLog, type Logger } from '../../src/platform/log.js';
import { leasesOfApp, startLeading, type Term, takeDatabase } from '../../src/service/lease.js';

describe('the lead among several processes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lease-'));
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  after(() => rmSync(folder, { recursive: true }));

  /** A process with a ledger of its own on the same database. `lost`: the database gives it no answer. */
  const startProcess = async (holder: string) => {
    const ledger = await openLedger(`file:${join(folder, 'ledger.db')}`);
    const own = { lost: false, log: [] as string[], term: undefined as Term | undefined };
    const leading = startLeading({
      leases: {
        takeLease: (...input) => (own.lost ? new Promise(() => {}) : ledger.takeLease(...input)),
        releaseLease: (...input) =>
          own.lost ? Promise.reject(new Error('away')) : ledger.releaseLease(...input),
      },
      holder,
      duties: {
        begin(term) {
          own.term = term;
          own.log.push('begins');
        },
        end: async () => void own.log.push('ends'),
      },
      log: createLog('silent'),
    });
    closing.push(ledger.close);
    return Object.assign(own, leading);
  };
  const until = async (isTrue: () => boolean, withinMs: number): Promise<number> => {
    const since = Date.now();
    while (!isTrue()) {
      assert.ok(Date.now() - since < withinMs, `not within ${withinMs} ms`);
      await delay(50);
    }
    return Date.now() - since;
  };

  it('is one process’s, and the next one’s as soon as that stops', async () => {
    const first = await startProcess('one');
    await until(first.isLeading, 3_000);
    const second = await startProcess('two');
    await delay(4_000);
    assert.deepEqual([first.isLeading(), second.isLeading()], [true, false]);
    await first.stop();
    assert.deepEqual(first.log, ['begins', 'ends']);
    assert.equal(first.term?.isOn(), false);
    await until(second.isLeading, 5_000);
    await second.stop();
  });

  it('ends within its time where the database gives no answer, before another process has it', async () => {
    const first = await startProcess('one');
    await until(first.isLeading, 3_000);
    const second = await startProcess('two');
    first.lost = true;
    let together = false;
    const watch = setInterval(() => {
      together ||= first.term?.isOn() === true && second.isLeading();
    }, 10);
    await until(() => !first.isLeading(), 10_500);
    assert.deepEqual(first.log, ['begins', 'ends']);
    await until(second.isLeading, 15_000);
    clearInterval(watch);
    assert.equal(together, false);
    await first.stop().catch(() => 'its database is away');
    await second.stop();
  });

  it('holds up a stop for a few seconds at most, while the database gives no answer', async () => {
    const never = () => new Promise<never>(() => {});
    let isHeld = false;
    const leading = startLeading({
      leases: { takeLease: async () => true, releaseLease: never },
      holder: 'one',
      duties: {
        begin() {
          isHeld = true;
        },
        end: never,
      },
      log: createLog('silent'),
    });
    await until(() => isHeld, 3_000);
    const stopped = await Promise.race([leading.stop().then(() => true), delay(5_000, false)]);
    assert.equal(stopped, true);
    assert.equal(leading.isLeading(), false);
  });
});

describe('a database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lease-'));
  after(() => rmSync(folder, { recursive: true }));

  it('is one Slack app’s, with all its processes, until nobody has kept it for a while', async () => {
    const ledger = await openLedger(`file:${join(folder, 'ledger.db')}`);
    await takeDatabase(ledger, 'T1/A1');
    await takeDatabase(ledger, 'T1/A1');
    await assert.rejects(takeDatabase(ledger, 'T1/A2'), {
      name: 'ConfigError',
      message: /^DATABASE_URL: the Slack app T1\/A1 uses this database now, .* those of T1\/A2\./,
    });
    const said: string[] = [];
    const log = { error: (_fields: object, text: string) => said.push(text) } as unknown as Logger;
    const other = leasesOfApp(ledger, 'T1/A2', log);
    assert.equal(await other.takeLease('leader', 'two', 10_000), false, 'nor does the other app lead');
    const own = leasesOfApp(ledger, 'T1/A1', log);
    assert.equal(await own.takeLease('leader', 'one', 10_000), true);

    await ledger.takeLease('app', 'T1/A1', 0);
    await takeDatabase(ledger, 'T1/A2');
    said.splice(0);
    for (let renewal = 0; renewal < 2; renewal += 1)
      assert.equal(await own.takeLease('leader', 'one', 10_000), false);
    assert.equal(said.length, 1, said.join());
    assert.match(said[0] ?? '', /^Another Slack app uses this database now/);
    await ledger.close();
  });
});
