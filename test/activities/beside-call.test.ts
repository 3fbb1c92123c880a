import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { besideCall } from '../../src/activities/beside-call.js';
import type { Ledger } from '../../src/activities/ports.js';
import type { Beside } from '../../src/activities/types.js';
import { RemoteError } from '../../src/platform/errors.js';
import type { Checkpoint } from '../../src/run/event.js';
import { later } from '../support/later.js';
import { ana } from '../support/samples.js';

const at = '2026-11-27T12:00:00.000Z';
const entry: Checkpoint = { kind: 'executed', data: { text: 'x' }, key: 'x/1', shortId: 'abcd2345', at };
const head = { sequence: 1, hash: 'f00d' };
const show: Beside['show'] = {
  ref: { channel: 'C1', ts: '1.1' },
  card: { shortId: 'abcd2345', goal: 'x', requester: ana, state: { kind: 'executing', votes: [] } },
};

/** A ledger and a Slack that do what a test says, and count how often they are asked. */
function parts({
  append = async () => {},
  update = async () => {},
}: {
  append?: (time: number) => Promise<void>;
  update?: (time: number, signal?: AbortSignal) => Promise<void>;
}) {
  const times = { append: 0, update: 0 };
  const ledger: Ledger = {
    async append() {
      times.append += 1;
      await append(times.append);
      return new Map([['abcd2345', head]]);
    },
  };
  const messenger = {
    async updateCard(_: unknown, signal?: AbortSignal) {
      times.update += 1;
      await update(times.update, signal);
    },
  };
  return { world: { ledger, messenger }, times };
}

const first =
  (fails: () => Promise<void>) =>
  async (time: number): Promise<void> => {
    if (time === 1) await fails();
  };
/** Signal of an activity that nobody cancels. */
const running = new AbortController().signal;
const forever = () => new Promise<never>(() => {});

describe('what goes along with a call', () => {
  it('is done while the call goes on', async () => {
    const { world, times } = parts({});
    const answered = later();
    const call = async () => {
      await answered.promise;
      return { text: 'done' };
    };
    const done = besideCall(world, { entries: [entry], show }, running, call);
    await delay(20);
    assert.deepEqual(times, { append: 1, update: 1 });
    answered.resolve();
    assert.deepEqual(await done, { text: 'done', head, isShown: true });
  });

  it('is nothing where nothing waits', async () => {
    const { world, times } = parts({});
    assert.deepEqual(await besideCall(world, { entries: [] }, running, async () => ({ text: 'done' })), {
      text: 'done',
    });
    assert.deepEqual(times, { append: 0, update: 0 });
  });

  it('is tried again while the call goes on', async () => {
    const { world, times } = parts({
      append: first(() => Promise.reject(new Error('away'))),
      update: first(() => Promise.reject(new RemoteError('internal_error', 'no', { retryable: true }))),
    });
    const call = () => delay(1_300, { text: 'done' });
    assert.deepEqual(await besideCall(world, { entries: [entry], show }, running, call), {
      text: 'done',
      head,
      isShown: true,
    });
    assert.deepEqual(times, { append: 2, update: 2 });
  });

  it('does not hold up a call that is over, and says what was not done', async () => {
    let ended = 'not yet';
    const { world } = parts({
      append: forever,
      update: (_, signal) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            ended = 'aborted';
            reject(signal.reason);
          });
        }),
    });
    const before = performance.now();
    const done = await besideCall(world, { entries: [entry], show }, running, async () => ({ text: 'done' }));
    assert.deepEqual(done, { text: 'done', isShown: false });
    assert.ok(performance.now() - before > 900, 'it had a second');
    assert.equal(ended, 'aborted');
  });

  for (const [how, call] of [
    ['is over', async () => ({ text: 'done' })],
    ['failed', () => Promise.reject(new Error('overloaded'))],
  ] as const)
    it(`ends after an update that Slack may have got, though the call ${how} before`, async () => {
      let isTaken = false;
      const { world } = parts({
        update: async () => {
          await delay(1_300);
          isTaken = true;
        },
      });
      const done = await besideCall(world, { show }, running, call).catch((error: Error) => error.message);
      assert.ok(isTaken, 'the update is over');
      assert.deepEqual(done, how === 'is over' ? { text: 'done', isShown: true } : 'overloaded');
    });

  it('begins nothing once the activity is cancelled', async () => {
    const { world, times } = parts({ append: () => Promise.reject(new Error('away')) });
    const cancel = new AbortController();
    const call = () => delay(1_500, { text: 'done' });
    const done = besideCall(world, { entries: [entry], show }, cancel.signal, call);
    await delay(100);
    cancel.abort();
    await done;
    assert.deepEqual(times, { append: 1, update: 1 });
  });

  it('ends with a call that fails, which fails as it did', async () => {
    let ended = 'not yet';
    const { world, times } = parts({
      append: () => Promise.reject(new Error('away')),
      update: (_, signal) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            ended = 'aborted';
            reject(signal.reason);
          });
        }),
    });
    const call = () => Promise.reject(new Error('overloaded'));
    await assert.rejects(besideCall(world, { entries: [entry], show }, running, call), /overloaded/);
    assert.equal(ended, 'aborted');
    await delay(1_100);
    assert.equal(times.append, 1, 'nothing is tried again');
  });
});
