import assert from 'node:assert/strict';
import { exportRuns, verifyRuns } from '../../../src/cli/ledger/ledger.js';
import type { Ledger } from '../../../src/ledger/index.js';
import { namesOf } from '../../../src/run/board.js';
import { checkpoint } from '../../../src/run/event.js';
import { ana } from '../samples.js';
import { completed, gone } from './end-events.js';
import { eventsOf, planned, posted, started } from './events.js';
import { asksPlan, decided, voted } from './request-events.js';

/** Words of a run that must be nowhere after its erasure. */
export const SECRET = 'merge with Umbrella';

const began = [started({ goal: SECRET, thread: '9.0' }), planned(), asksPlan(), posted()];
const over = eventsOf('over', ...began, voted(), decided('approve'), completed);
const late = { ...over[4], key: 'late/1', at: '2026-11-26T10:00:00.000Z' } as (typeof over)[number];

async function verify(ledger: Ledger): Promise<[boolean, string]> {
  const lines: string[] = [];
  const holds = await verifyRuns(ledger, { heads: undefined }, (line) => lines.push(line));
  return [holds, lines.join('\n')];
}

/** Asserts that runs which are over can be erased, and nothing else is. */
export async function assertErased(ledger: Ledger): Promise<void> {
  const payload = { id: 'p', metadata: '{}', parts: [{ id: 'part', data: Buffer.from(SECRET) }] };
  await ledger.append([...over, ...eventsOf('open', ...began)]);
  for (const run of ['over', 'open']) {
    await ledger.keepPayload({ run, ...payload });
    await ledger.countStart({ key: run, shortId: run, person: ana.user, channel: 'C1' }, {});
  }
  assert.equal(await ledger.prune('2026-11-24T09:00:00.000Z'), 0, 'nothing is that old');
  assert.equal(await ledger.prune(), 0, 'nothing is erased unasked');
  assert.equal((await ledger.read('over')).length, 7);

  assert.equal(await ledger.prune('2026-11-25T00:00:00.000Z'), 1);
  assert.deepEqual(await ledger.read('over'), []);
  assert.equal(await ledger.view('over'), undefined);
  assert.equal(await ledger.readPayload('over', 'p'), undefined);
  assert.deepEqual(await ledger.runsIn('C1', '9.0'), ['open']);
  assert.deepEqual(
    (await ledger.runsFor(ana.user, namesOf(ana, {}))).map(({ shortId }) => shortId),
    ['open'],
  );
  assert.equal((await ledger.read('open')).length, 4);
  assert.ok(await ledger.readPayload('open', 'p'));

  const [holds, words] = await verify(ledger);
  assert.ok(holds, words);
  assert.match(words, /^Run over: erased on 20\d\d-\d\d-\d\dT.*, 7 entries\.$/m);
  const lines: string[] = [];
  await exportRuns(ledger, { shortId: 'over', format: 'jsonl' }, (line) => lines.push(line));
  const first = JSON.parse(lines[0] ?? '');
  assert.deepEqual([first.kind, first.data, typeof first.erasedAt], ['started', null, 'string']);
  assert.doesNotMatch(lines.join(), new RegExp(SECRET));

  await ledger.append(over);
  assert.equal((await ledger.stored('over')).length, 7, 'an entry that comes again is recognized');
  await ledger.append([late]);
  await ledger.append([late]);
  assert.deepEqual(
    (await ledger.read('over')).map(({ key }) => key),
    ['late/1'],
  );
  assert.match((await verify(ledger)).join(), /^true,Run over: erased on .*, 7 entries\./m);
  assert.equal(await ledger.prune('2026-11-26T00:00:00.000Z'), 0, 'the click is younger');
  assert.equal(await ledger.prune('2026-11-27T00:00:00.000Z'), 1);
  assert.deepEqual(await ledger.read('over'), []);
  assert.match((await verify(ledger)).join(), /^true,Run over: erased on .*, 8 entries\./m);
  assert.deepEqual(
    [...(await ledger.erase(['open', 'over']))],
    [['open', 'open']],
    'a run that goes on stays',
  );
  await ledger.deleteViews('open');
  assert.deepEqual([...(await ledger.erase(['open', 'over']))], [['open', 'without-view']]);
  assert.equal(await ledger.addMissingViews(), 1);
  assert.deepEqual([...(await ledger.erase(['open']))], [['open', 'open']]);
}

/** Asserts that a run stays until its card shows the end, or is too old to be repaired. */
export async function assertKeptForRepair(ledger: Ledger): Promise<void> {
  const at = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  const events = (run: string, days: number) =>
    eventsOf(run, ...began, gone).map((event) => ({ ...event, at: at(days) }));
  await ledger.append([...events('archived', 2), ...events('ancient', 91)]);
  assert.equal(await ledger.prune(at(1)), 1);
  assert.deepEqual(
    (await ledger.unsettled(at(90))).map(({ shortId }) => shortId),
    ['archived'],
    'the reconciler still knows it',
  );
  assert.deepEqual([...(await ledger.erase(['archived']))], [['archived', 'in-repair']]);
  await ledger.append([
    checkpoint(
      { kind: 'repaired', data: { messages: [], state: 'gone' } },
      { shortId: 'archived', key: 'repaired/4' },
    ),
  ]);
  assert.equal(await ledger.prune(at(1)), 1);
}
