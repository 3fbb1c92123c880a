import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ActivityCancellationDetails, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { Ledger, Messenger, PostOnce } from '../../src/activities/ports.js';
import { createSlackActivities } from '../../src/activities/slack.js';
import { RemoteError } from '../../src/platform/errors.js';
import { untilAborted } from '../../src/platform/with-timeout.js';
import { cardWith, waiting } from '../support/cards.js';
import { later } from '../support/later.js';
import { ana } from '../support/samples.js';

const thread = { channel: 'C1', ts: '1.0' };
const progress = { kind: 'progress', shortId: 'r', title: 't', state: 'executing', steps: [], others: [] };
const result = { shortId: 'r', requester: ana, text: 'Done' };
const card = cardWith(waiting());

/** Input of each activity that draws a message, by the activity's name. */
const INPUTS = {
  postCard: { entries: [], key: 'k', channel: 'C1', card },
  updateCard: { ref: thread, card },
  postInThread: { entries: [], key: 'k', thread, message: progress },
  updateInThread: { ref: thread, message: progress },
  postResult: { entries: [], key: 'k', thread, ...result },
};

describe('a message that can’t be drawn', () => {
  for (const [name, input] of Object.entries(INPUTS)) {
    it(`is not tried again: ${name}`, async () => {
      const draw = async () => {
        throw new RangeError('Maximum call stack size exceeded');
      };
      const messenger = { [name]: draw } as unknown as Messenger;
      const ledger = { append: async () => new Map() } as unknown as Ledger;
      const activities = createSlackActivities(messenger, ledger);
      const activity = activities[name as keyof typeof INPUTS] as (given: unknown) => Promise<unknown>;
      await assert.rejects(new MockActivityEnvironment().run(activity, input), (error) => {
        assert.ok(error instanceof ApplicationFailure);
        assert.equal(error.nonRetryable, true);
        assert.match(error.message, /could not be drawn.*call stack/s);
        return true;
      });
    });
  }
});

describe('the end of a run on its card', () => {
  const over = cardWith({ kind: 'expired', at: '2026-11-24T10:00:00.000Z' });
  const input = { ref: thread, card: over, notice: { key: 'r/x/ended', thread } };
  const show = async (refusal?: RemoteError, attempt = 1) => {
    const done: unknown[] = [];
    const messenger = {
      async updateCard() {
        done.push('card');
        if (refusal) throw refusal;
      },
      async tellRequester({ at }: { at: object }, { key, lookSince }: PostOnce) {
        done.push([key, at, lookSince !== undefined]);
      },
    } as unknown as Messenger;
    const { updateCard } = createSlackActivities(messenger, {} as Ledger);
    const shown = new MockActivityEnvironment({ attempt }).run(
      updateCard as (given: unknown) => Promise<unknown>,
      input,
    );
    await shown.catch((error: unknown) => done.push((error as ApplicationFailure).type));
    return done;
  };

  it('is told to the requester once it shows, and a second attempt looks for the line', async () => {
    assert.deepEqual(await show(), ['card', ['r/x/ended', thread, false]]);
    assert.deepEqual(await show(undefined, 2), ['card', ['r/x/ended', thread, true]]);
  });

  it('is left to a direct message where the card can’t show it', async () => {
    const gone = new RemoteError('message_not_found', 'It was deleted');
    assert.deepEqual(await show(gone), ['card', 'message_not_found']);
  });
});

describe('an attempt that is still at work when the next one starts', () => {
  it('posts before the next one looks for its post', async () => {
    const done: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let attempts = 0;
    const messenger = {
      async postResult() {
        attempts += 1;
        const attempt = attempts;
        done.push(`${attempt} starts`);
        if (attempt === 1) await held;
        done.push(`${attempt} posts`);
        return thread;
      },
    } as unknown as Messenger;
    const ledger = { append: async () => new Map() } as unknown as Ledger;
    const { postResult } = createSlackActivities(messenger, ledger);
    const run = (attempt: number) =>
      new MockActivityEnvironment({ attempt }).run(
        postResult as (given: unknown) => Promise<unknown>,
        INPUTS.postResult,
      );
    const both = [run(1), run(2)];
    await new Promise((resolve) => setImmediate(resolve));
    const before = [...done];
    release();
    await Promise.all(both);
    assert.deepEqual(before, ['1 starts']);
    assert.deepEqual(done, ['1 starts', '1 posts', '2 starts', '2 posts']);
  });

  it('has its post on record beside that of the next one, where somebody deleted it in between', async () => {
    const keys: string[] = [];
    const places = ['1.0', '2.0', '2.0'];
    const messenger = {
      postInThread: async () => ({ channel: 'C1', ts: places.shift() }),
    } as unknown as Messenger;
    const ledger = {
      append: async (entries: { key: string }[]) => {
        keys.push(...entries.map(({ key }) => key));
        return new Map();
      },
    } as unknown as Ledger;
    const { postInThread } = createSlackActivities(messenger, ledger);
    const posted = { key: 'execution/5', at: '2026-11-24T10:00:00.000Z', request: 'r', item: '1' };
    for (const attempt of [1, 2, 3]) {
      await new MockActivityEnvironment({ attempt }).run(
        postInThread as (given: unknown) => Promise<unknown>,
        {
          ...INPUTS.postInThread,
          posted,
        },
      );
    }
    assert.deepEqual(keys, ['execution/5/1.0', 'execution/5/2.0', 'execution/5/2.0']);
  });

  it('makes the next one look twice for its post only where its end is unknown, as after a kill -9', async () => {
    const [first, known, unknown] = await looksAfter('ratelimited', [1, 2, 4]);
    assert.deepEqual([first, known], [undefined, undefined]);
    assert.ok((unknown ?? 0) > Date.now());
  });

  it('makes the next one look twice for its post where Slack did not answer, because it may post it still', async () => {
    const [first, second] = await looksAfter('unreachable', [1, 2]);
    assert.equal(first, undefined);
    assert.ok((second ?? 0) > Date.now());
  });

  /** Moments of the second look of attempts that all fail with this code, in ms since the epoch. */
  async function looksAfter(code: string, attempts: number[]): Promise<(number | undefined)[]> {
    const looks: (number | undefined)[] = [];
    const messenger = {
      async postResult(_: unknown, { lookAgainAt }: PostOnce) {
        looks.push(lookAgainAt);
        throw new RemoteError(code, 'Slack did not take it', { retryable: true });
      },
    } as unknown as Messenger;
    const { postResult } = createSlackActivities(messenger, {} as Ledger);
    const post = postResult as (given: unknown) => Promise<unknown>;
    for (const attempt of attempts)
      await assert.rejects(new MockActivityEnvironment({ attempt }).run(post, INPUTS.postResult));
    return looks;
  }

  it('keeps the next one from its work where that is cancelled meanwhile', async () => {
    let updates = 0;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const messenger = {
      async updateInThread() {
        updates += 1;
        await held;
        return true;
      },
    } as unknown as Messenger;
    const { updateInThread } = createSlackActivities(messenger, {} as Ledger);
    const update = updateInThread as (given: unknown) => Promise<unknown>;
    const start = (attempt: number) => {
      const environment = new MockActivityEnvironment({ attempt });
      return { environment, done: environment.run(update, INPUTS.updateInThread) };
    };
    const first = start(1);
    const second = start(2);
    const cancelled = assert.rejects(second.done, CancelledFailure);
    await new Promise((resolve) => setImmediate(resolve));
    second.environment.cancel();
    await new Promise((resolve) => setImmediate(resolve));
    const third = start(3);
    await new Promise((resolve) => setImmediate(resolve));
    const before = updates;
    release();
    await Promise.all([first.done, cancelled, third.done]);
    assert.deepEqual([before, updates], [1, 2], 'the third waits for the first');
  });
});

describe('progress that a run has left behind', () => {
  /** Updates progress with a card, and cancels it while Slack's client works on it. */
  async function cancelDuring(update: (signal: AbortSignal | undefined) => Promise<boolean>) {
    const shown: string[] = [];
    const messenger = {
      updateInThread: (_: unknown, signal?: AbortSignal) => update(signal),
      updateCard: async (_: unknown, signal?: AbortSignal) => {
        if (signal?.aborted) throw new RemoteError('aborted', 'Aborted', { retryable: false });
        shown.push('card');
      },
    } as unknown as Messenger;
    const { updateInThread } = createSlackActivities(messenger, {} as Ledger);
    const environment = new MockActivityEnvironment();
    const done = environment.run(updateInThread as (given: unknown) => Promise<unknown>, {
      ...INPUTS.updateInThread,
      show: { ref: thread, card },
    });
    setImmediate(() =>
      environment.cancel('CANCELLED', new ActivityCancellationDetails({ cancelRequested: true })),
    );
    return { answer: await done.catch((error: unknown) => error), shown };
  }

  it('is not sent while it waits for its turn', async () => {
    const { answer, shown } = await cancelDuring((signal) =>
      untilAborted(later().promise, signal as AbortSignal).then(() => true),
    );
    assert.ok(answer instanceof CancelledFailure);
    assert.deepEqual(shown, []);
  });

  it('says so when Slack took it, or may have taken it, in its message; the card is left alone', async () => {
    const taken = () => delay(50).then(() => true);
    const failed = () =>
      delay(50).then(() => Promise.reject(new RemoteError('unreachable', 'No answer', { retryable: true })));
    for (const update of [taken, failed]) {
      assert.deepEqual(await cancelDuring(update), { answer: { isShown: false }, shown: [] });
    }
  });

  it('leaves the card alone when a newer update of its message was there', async () => {
    assert.deepEqual(await cancelDuring(async () => false), { answer: { isLeftOut: true }, shown: [] });
  });
});
