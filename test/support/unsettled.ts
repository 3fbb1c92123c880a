import assert from 'node:assert/strict';
import type { Ledger } from '../../src/ledger/index.js';
import type { Checkpoint } from '../../src/run/event.js';

type Told = [kind: Checkpoint['kind'], data?: object, key?: string];

const card = { channel: 'C1', ts: '1.0' };
const began: Told[] = [['started'], ['planned'], ['posted', { card }], ['notified', { messages: [] }]];
const gone: Told = ['ended', { state: 'gone' }, 'gone/attempt'];
/** The third entry is the card, the fourth the direct messages. */
const [cardRepaired, noticesRepaired]: Told[] = [
  ['repaired', {}, 'repaired/3'],
  ['repaired', {}, 'repaired/4'],
];

/** What the ledger knows of a run, and whether there is anything left to do about it: the card that waits, or `done`. */
const tales: Record<string, [Told[], typeof card | 'no card' | 'done']> = {
  waits: [began, card],
  plans: [[['started']], 'no card'],
  'is over': [[...began, ['ended', { state: 'expired' }]], 'done'],
  'is tried again': [[...began, ['ended', { state: 'failed' }], ['started']], 'no card'],
  'was ended from outside': [[...began, gone], card],
  'was tried again, then ended from outside': [
    [...began, ['ended', { state: 'failed' }], ['started'], gone],
    card,
  ],
  'was ended from outside, and half of it says so': [[...began, gone, cardRepaired as Told], 'no card'],
  'was ended from outside, and all of it says so': [
    [...began, gone, cardRepaired as Told, noticesRepaired as Told],
    'done',
  ],
  'was ended from outside, as 0.3 left it': [[...began, cardRepaired as Told], 'no card'],
  'was ended before its card': [[['started'], gone], 'done'],
  'is at its second plan': [[...began, ['planned']], 'no card'],
  'asks in its thread': [
    [...began, ['posted', { card: { ...card, ts: '2.0', thread: '1.0' }, copy: true, ask: 'r1' }]],
    card,
  ],
  'could not show its end': [[...began, ['unshown', { card }], ['ended', { state: 'rejected' }]], 'no card'],
};

/** Checks which runs a ledger that is told these tales takes for unsettled. */
export async function assertUnsettled(ledger: Pick<Ledger, 'append' | 'unsettled'>): Promise<void> {
  const at = '2026-11-24T10:00:00.000Z';
  for (const [runId, [told]] of Object.entries(tales)) {
    await ledger.append(
      told.map(([kind, data = {}, key], index) => ({ runId, key: key ?? `${index + 1}`, kind, at, data })),
    );
  }
  const unsettled = await ledger.unsettled('2026-11-01T00:00:00.000Z');
  for (const [runId, [, expected]] of Object.entries(tales)) {
    const found = unsettled.has(runId) ? (unsettled.get(runId) ?? 'no card') : 'done';
    assert.deepEqual(found, expected, `a run that ${runId}`);
  }
  assert.equal((await ledger.unsettled(at)).size, 0, 'older ones are left as they are');
}
