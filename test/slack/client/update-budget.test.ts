import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { RemoteError } from '../../../src/platform/errors.js';
import { UpdateBudget } from '../../../src/slack/client/web/update-budget.js';

/** Lets everything go on that doesn't wait for time. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('updates of all messages of a process', () => {
  let budget: UpdateBudget;
  let sent: { name: string; at: number }[];
  let now: number;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
    budget = new UpdateBudget();
    sent = [];
    now = 0;
  });
  afterEach(() => mock.timers.reset());

  const send = (name: string, answer?: () => Promise<void>) => async () => {
    sent.push({ name, at: now });
    await answer?.();
  };
  const limited = (retryAfterMs: number) => async () => {
    throw new RemoteError('ratelimited', 'Slack limits chat.update', { retryable: true, retryAfterMs });
  };
  const pass = async (ms: number) => {
    for (const end = now + ms; now < end; ) {
      now += 100;
      mock.timers.tick(100);
      await settle();
    }
  };
  const names = () => sent.map(({ name }) => name);

  it('stay under it with three workers, which each have a third', async () => {
    const budgets = Array.from({ length: 3 }, () => new UpdateBudget());
    for (const each of budgets) each.shareAmong(3);
    for (let second = 0; second < 240; second += 3) {
      for (const [worker, each] of budgets.entries())
        for (const run of [1, 2, 3])
          each
            .sendProgress(`run ${worker}.${run}`, send(`progress ${worker}.${run}`))
            .catch(() => 'made again later');
      await pass(3_000);
    }
    for (const { at } of sent) {
      const inMinute = sent.filter((other) => other.at >= at && other.at < at + 60_000);
      assert.ok(inMinute.length <= 50, `${inMinute.length} updates in a minute`);
    }
    const shares = budgets.map((_, worker) => names().filter((name) => name.includes(` ${worker}.`)).length);
    assert.ok(Math.min(...shares) >= 40, `${shares}`);
  });

  it('stay under Slack’s limit with five busy runs, and a decision shows on its card at once', async () => {
    const minutes = 5;
    for (let second = 0; second < 60 * minutes; second += 1) {
      for (const run of [1, 2, 3, 4, 5]) {
        if (second % 3 === 0) budget.sendProgress(`run ${run}`, send(`progress ${run}`)).catch(() => 'later');
      }
      if (second % 20 === 10) {
        const before = sent.length;
        await budget.send('card', send('decision'));
        assert.deepEqual(names().slice(before), ['decision']);
      }
      await pass(1_000);
    }
    for (const { at } of sent) {
      const inMinute = sent.filter((other) => other.at >= at && other.at < at + 60_000);
      assert.ok(inMinute.length <= 50, `${inMinute.length} updates in a minute`);
    }
    for (const run of [1, 2, 3, 4, 5]) {
      const times = sent.filter(({ name }) => name === `progress ${run}`).map(({ at }) => at);
      const gaps = times.slice(1).map((at, index) => at - (times[index] ?? at));
      assert.ok(Math.max(...gaps) <= 12_000, 'no run’s progress stands still');
    }
  });

  it('leave out progress that is no longer the newest', async () => {
    for (let each = 0; each < 10; each += 1) await budget.send(`card ${each}`, send('card'));
    const all = ['old', 'newer', 'newest'].map((name) => budget.sendProgress('run 1', send(name)));
    const other = budget.sendProgress('run 2', send('other run'));
    await pass(5_000);
    assert.deepEqual(await Promise.all([...all, other]), [false, false, true, true]);
    assert.deepEqual(names().slice(10), ['newest', 'other run']);
  });

  it('leave out progress once the run’s end shows', async () => {
    for (let each = 0; each < 10; each += 1) await budget.send(`card ${each}`, send('card'));
    const progress = budget.sendProgress('run 1', send('at work'));
    await budget.send('run 1', send('done'));
    assert.equal(await progress, false);
    await pass(10_000);
    assert.deepEqual(names().slice(10), ['done']);
  });

  it('give up progress that was cancelled before its turn, at once', async () => {
    for (let each = 0; each < 10; each += 1) await budget.send(`card ${each}`, send('card'));
    const abort = new AbortController();
    const cancelled = assert.rejects(budget.sendProgress('run 1', send('old'), abort.signal), /over/);
    const other = budget.sendProgress('run 2', send('other run'));
    abort.abort(new Error('over'));
    await cancelled;
    await assert.rejects(budget.sendProgress('run 3', send('older'), abort.signal), /over/);
    await pass(2_000);
    assert.equal(await other, true);
    assert.deepEqual(names().slice(10), ['other run'], 'its place in the queue is free, too');
  });

  it('wait as long as Slack asks; then decisions go before progress', async () => {
    await assert.rejects(budget.send('card 1', send('first', limited(3_000))), { retryAfterMs: 3_000 });
    const progress = budget.sendProgress('run 1', send('progress'));
    const decision = budget.send('card 2', send('decision'));
    await pass(2_900);
    assert.deepEqual(names(), ['first'], 'Slack said that it takes nothing now');
    await pass(200);
    assert.deepEqual(names(), ['first', 'decision']);
    await pass(2_000);
    await Promise.all([progress, decision]);
    assert.deepEqual(names(), ['first', 'decision', 'progress']);
  });

  it('give progress back to Temporal that others keep from its turn, before its attempt is over', async () => {
    for (let run = 0; run < 10; run += 1) await budget.sendProgress(`run ${run}`, send('progress'));
    const waiting = budget.sendProgress('busy', send('progress')).catch((error: RemoteError) => {
      return { code: error.code, retryable: error.retryable, at: now };
    });
    for (let second = 0; second < 25; second += 1) {
      await budget.send('card', send('decision'));
      await pass(1_000);
    }
    const end = (await Promise.race([waiting, settle()])) as { code: string; retryable: boolean; at: number };
    assert.deepEqual([end?.code, end?.retryable], ['ratelimited', true]);
    assert.ok(end.at <= 15_000, `${end.at} ms`);
  });

  it('are left to Temporal where they would wait for long', async () => {
    await assert.rejects(budget.send('card', send('first', limited(60_000))));
    const later = { code: 'ratelimited', retryable: true };
    await assert.rejects(budget.send('card', send('card')), { ...later, retryAfterMs: 60_000 });
    await assert.rejects(budget.sendProgress('run 1', send('progress')), later);
    assert.deepEqual(names(), ['first']);
  });
});
