import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { untilAborted, withTimeout } from '../../src/platform/with-timeout.js';

const never = new Promise<never>(() => {});

describe('work with a time-out', () => {
  it('gives its result, or its error, while there is time', async () => {
    const late = () => assert.fail('there was time');
    assert.equal(await withTimeout(1_000, async () => 'done', late), 'done');
    const error = new Error('broken');
    await assert.rejects(
      withTimeout(1_000, () => Promise.reject(error), late),
      error,
    );
  });

  it('is given up in time: its signal aborts, and the time-out decides what comes of it', async () => {
    let given: AbortSignal | undefined;
    const hang = (signal: AbortSignal) => {
      given = signal;
      return never;
    };
    assert.equal(await withTimeout(10, hang, () => 'late'), 'late');
    assert.equal(given?.aborted, true);
    const refused = new Error('no answer');
    const refuse = () => {
      throw refused;
    };
    await assert.rejects(withTimeout(10, hang, refuse), refused);
  });

  it('may fail because of the abort: the time-out still decides', async () => {
    const work = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    assert.equal(await withTimeout(10, work, () => 'late'), 'late');
  });
});

describe('work that nobody can stop', () => {
  it('is waited for until the signal aborts', async () => {
    const abort = new AbortController();
    const reason = new Error('nobody wants it any more');
    const waiting = untilAborted(never, abort.signal);
    abort.abort(reason);
    await assert.rejects(waiting, reason);
    await assert.rejects(untilAborted(Promise.resolve('done'), abort.signal), reason, 'nor from then on');
    assert.equal(await untilAborted(Promise.resolve('done'), new AbortController().signal), 'done');
  });
});
