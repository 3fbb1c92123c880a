import assert from 'node:assert/strict';
import type { Ledger } from '../../../src/ledger/index.js';
import { namesOf } from '../../../src/run/board.js';
import type { Checkpoint } from '../../../src/run/event.js';
import { viewOf } from '../../../src/run/run-view.js';
import { ana, ben, chloe } from '../samples.js';
import { completed } from './end-events.js';
import { CALL, eventsOf, planned, posted, started, threadRef } from './events.js';
import { asksCall, asksPlan, decided, voted } from './request-events.js';

const groups = { SREVIEW: [ben.user, chloe.user] };
const began = [started(), planned(), asksPlan(), posted()];
const carriedOut = [...began, voted(), decided('approve')];

/** Events of three runs: one that waits for its plan, one that waits for a call, one that is over. */
const RUNS: Checkpoint[] = [
  ...eventsOf('plan', ...began),
  ...eventsOf('call', ...carriedOut, asksCall(), posted(threadRef, CALL), voted(ben, CALL)),
  ...eventsOf('over', ...carriedOut, completed),
];

/** All that the views say of these runs. */
async function shownBy(ledger: Ledger) {
  const ofPeople = [ana, ben, chloe].map(async (person) =>
    (await ledger.runsFor(person.user, namesOf(person, groups))).toSorted((one, other) =>
      one.shortId < other.shortId ? -1 : 1,
    ),
  );
  return {
    views: await Promise.all(['plan', 'call', 'over'].map((shortId) => ledger.view(shortId))),
    people: await Promise.all(ofPeople),
    unsettled: await ledger.unsettled('2026-11-01T00:00:00.000Z'),
    groups: await ledger.groups('2026-11-01T00:00:00.000Z'),
    threads: await ledger.runsIn('C1', '1.0'),
  };
}

/** Checks that views say the same as the reducer, kept event by event or made anew, and that they can be deleted. */
export async function assertViews(ledger: Ledger): Promise<void> {
  for (const event of RUNS) await ledger.append([event]);
  const kept = await shownBy(ledger);
  for (const view of kept.views) {
    assert.deepEqual(view, viewOf(RUNS.filter(({ shortId }) => shortId === view?.shortId)));
  }
  assert.deepEqual(
    kept.people.map((runs) => runs.map(({ shortId }) => shortId)),
    [
      ['call', 'over', 'plan'],
      ['call', 'over', 'plan'],
      ['call', 'over', 'plan'],
    ],
  );
  assert.deepEqual(kept.groups, ['SREVIEW']);
  assert.deepEqual([...kept.threads].sort(), ['call', 'over', 'plan']);

  await ledger.rebuildViews();
  assert.deepEqual(await shownBy(ledger), kept);

  await ledger.deleteViews('call');
  const without = await shownBy(ledger);
  assert.equal(without.views[1], undefined);
  assert.ok(!JSON.stringify(without).includes('"call"'));
  assert.equal((await ledger.read('call')).length, 9, 'the entries are still there');

  // The next event finds the view missing, and makes it of all.
  await ledger.append([{ ...eventsOf('call', voted(chloe, CALL))[0], key: 'next' } as Checkpoint]);
  assert.equal((await ledger.view('call'))?.open[0]?.votes.length, 2);
}
