import assert from 'node:assert/strict';
import type { Ledger } from '../../../src/ledger/index.js';
import { completed } from './end-events.js';
import { eventsOf, started } from './events.js';

/** Asserts that starts are counted in one transaction, whoever counts them: `ledgers` are connections to one database. */
export async function assertLimits(ledgers: Ledger[]): Promise<void> {
  const [ledger] = ledgers;
  assert.ok(ledger);
  const limits = { perPerson: { atOnce: 5 }, perChannel: { perDay: 8 } };
  const start = (run: number, person = 'UBUSY', own = ledger) =>
    own.countStart({ key: `busy${run}`, shortId: `busy${run}`, person, channel: 'CBUSY' }, limits);

  const runs = Array.from({ length: 60 }, (_, run) => run);
  const tried = await Promise.all(
    runs.map((run) => start(run, 'UBUSY', ledgers[run % ledgers.length] ?? ledger)),
  );
  const admitted = runs.filter((run) => tried[run] === undefined);
  assert.equal(admitted.length, 5, 'of 60 at once');
  const refused = tried.find((limit) => limit !== undefined);
  assert.ok(refused?.part === 'atOnce' && refused.of === 'person' && refused.limit === 5);
  assert.deepEqual(refused.running?.toSorted(), admitted.map((run) => `busy${run}`).toSorted());

  for (const run of admitted)
    assert.equal(await start(run), undefined, 'a start that came again counts once');
  const [over = 0, open = 0] = admitted;
  const requester = { team: 'T1', user: 'UBUSY' };
  for (const run of admitted) {
    await ledger.append(eventsOf(`busy${run}`, started({ requester, channel: 'CBUSY' })));
  }
  assert.equal((await start(100))?.part, 'atOnce', 'runs on record count, too');
  await ledger.append(eventsOf(`busy${over}`, started({ requester, channel: 'CBUSY' }), completed));
  assert.equal(await start(100), undefined, 'one that is over makes room');
  assert.equal((await start(101))?.part, 'atOnce');

  const more = await Promise.all([200, 201, 202, 203].map((run) => start(run, `UOTHER${run}`)));
  const full = more.filter((limit) => limit !== undefined);
  assert.equal(full.length, 2, 'eight a day in the channel');
  assert.ok(full[0]?.part === 'perDay' && full[0].of === 'channel');
  const inMs = Date.parse(full[0].goesOnAt) - Date.now();
  assert.ok(inMs > 23 * 3_600_000 && inMs <= 24 * 3_600_000, full[0].goesOnAt);
  assert.equal(await start(open), undefined);
}
