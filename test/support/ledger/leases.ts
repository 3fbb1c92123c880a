import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger } from '../../../src/ledger/index.js';

/** Asserts that one holder at a time has a lease. `ledgers` are connections to one database. */
export async function assertLeases(ledgers: Ledger[]): Promise<void> {
  const [ledger] = ledgers;
  assert.ok(ledger);
  const holders = Array.from({ length: 12 }, (_, index) => `holder${index}`);
  const taken = await Promise.all(
    holders.map((holder, index) =>
      (ledgers[index % ledgers.length] ?? ledger).takeLease('drawer', holder, 60_000),
    ),
  );
  assert.equal(taken.filter(Boolean).length, 1, 'one of twelve takes it');
  const holder = holders[taken.indexOf(true)] ?? '';
  assert.equal(await ledger.leaseHolder('drawer'), holder);
  assert.equal(await ledger.takeLease('drawer', holder, 60_000), true, 'its holder renews it');
  await ledger.releaseLease('drawer', 'somebody else');
  assert.equal(await ledger.takeLease('drawer', 'somebody else', 60_000), false);
  assert.equal(await ledger.takeLease('other', 'somebody else', 60_000), true, 'leases have names');

  assert.equal(await ledger.takeLease('drawer', holder, 80), true);
  await delay(120);
  assert.equal(await ledger.leaseHolder('drawer'), undefined, 'it expires');
  assert.equal(await ledger.takeLease('drawer', 'next', 60_000), true);
  assert.equal(await ledger.takeLease('drawer', holder, 60_000), false, 'its old holder has lost it');
  await ledger.releaseLease('drawer', 'next');
  assert.equal(await ledger.takeLease('drawer', holder, 60_000), true);
  await ledger.ping();

  await ledger.takeLease('worker/1', 'one', 60_000);
  await ledger.takeLease('worker/2', 'two', 60_000);
  await ledger.takeLease('worker/3', 'three', 0);
  assert.equal(await ledger.countLeases('worker/'), 2, 'those that hold');
  assert.equal(await ledger.countLeases('nobody/'), 0);
}
