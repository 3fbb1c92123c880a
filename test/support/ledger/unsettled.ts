import assert from 'node:assert/strict';
import type { Ledger } from '../../../src/ledger/index.js';
import type { MessageRef } from '../../../src/run/message.js';
import { isSettled, viewOf } from '../../../src/run/run-view.js';
import { completed, ended, failed, gone } from './end-events.js';
import { CALL, cardRef, eventsOf, planned, posted, type Step, started, threadRef } from './events.js';
import { asksCall, asksPlan, decided } from './request-events.js';

const notified: Step = { kind: 'notified', data: { request: 'request-1', item: 'plan', messages: [] } };
const repaired = (key: string): Step => [
  { kind: 'repaired', data: { messages: [], state: 'gone' } },
  `repaired/${key}`,
];
/** The fourth event is the card, the fifth the direct messages. */
const began: Step[] = [started(), planned(), asksPlan(), posted(), notified];
const unshown: Step = {
  kind: 'unshown',
  data: { message: cardRef, state: { kind: 'expired', at: '' }, revision: 1 },
};

/** Events of a run, and whether the reconciler has anything to do about it: the message in which it asks, or `done`. */
export const tales: Record<string, [Step[], MessageRef | 'no card' | 'done']> = {
  waits: [began, cardRef],
  plans: [[started()], 'no card'],
  'is over': [[...began, ended()], 'done'],
  'is tried again': [[...began, failed, started()], 'no card'],
  'was ended from outside': [[...began, gone], 'no card'],
  'was tried again, then ended from outside': [[...began, failed, started(), gone], 'no card'],
  'was ended from outside, and half of it says so': [[...began, gone, repaired('4')], 'no card'],
  'was ended from outside, and all of it says so': [[...began, gone, repaired('4'), repaired('5')], 'done'],
  'was ended before its card': [[started(), gone], 'done'],
  'is at its second plan': [[...began, decided('changes'), planned()], 'no card'],
  'asks in its thread': [[...began, decided('approve'), asksCall(), posted(threadRef, CALL)], threadRef],
  'could not show its end': [[...began, unshown, ended()], 'no card'],
  'could show its end later': [[...began, unshown, ended(), repaired('6')], 'done'],
  'could not close its first card': [[...began, unshown, planned(), posted(), completed], 'no card'],
};

/** Checks which runs a ledger that is told these tales takes for unsettled. */
export async function assertUnsettled(ledger: Pick<Ledger, 'append' | 'unsettled'>): Promise<void> {
  for (const [shortId, [steps]] of Object.entries(tales)) {
    const events = eventsOf(shortId, ...steps);
    // One commit for some, several for others: the views come out the same.
    if (events.length % 2) await ledger.append(events);
    else for (const event of events) await ledger.append([event]);
  }
  const unsettled = new Map(
    (await ledger.unsettled('2026-11-01T00:00:00.000Z')).map(({ shortId, messages: [asking] }) => [
      shortId,
      asking ?? 'no card',
    ]),
  );
  for (const [shortId, [steps, expected]] of Object.entries(tales)) {
    assert.deepEqual(unsettled.get(shortId) ?? 'done', expected, `a run that ${shortId}`);
    const view = viewOf(eventsOf(shortId, ...steps));
    assert.equal(view && isSettled(view), expected === 'done', `the reducer, of a run that ${shortId}`);
  }
  assert.equal(
    (await ledger.unsettled('2026-11-24T11:00:00.000Z')).length,
    0,
    'older ones are left as they are',
  );
}
