import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { msNumberToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { RemoteError } from '../../src/platform/errors.js';
import type { WaitMessage } from '../../src/run/model-wait.js';
import { failureOf, type TestRun } from '../support/run/test-run.js';
import { testRunsAt } from '../support/run/test-runs.js';
import { createWorld, overloaded, transient, type World } from '../support/run/world.js';
import { ana } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { timeSkippingForTests } from '../support/temporal/suites.js';

quietRuntime();

const unreachable = () =>
  new RemoteError('Unreachable', 'The model could not be reached: fetch failed', { retryable: true });
const times = (count: number, make: () => Error) => Array.from({ length: count }, () => make());

/** Messages about waits for the model: where each was posted, and its states. */
function waitsIn(world: World) {
  return world.thread().flatMap(({ under, states }) => {
    const shown = states.filter((state): state is WaitMessage => state.kind === 'model-wait');
    return shown.length > 0 ? [{ under, states: shown.map(({ state }) => state), last: shown.at(-1) }] : [];
  });
}

describe('a model that takes no request', () => {
  const place = timeSkippingForTests();
  const inRun = testRunsAt(place);

  /** Lets time pass until a wait is told in the thread. */
  async function untilTold(world: World): Promise<void> {
    while (waitsIn(world).length === 0) {
      await place.sleep('5 seconds');
      await delay(20);
    }
  }

  /** Lets time pass until something is so. */
  async function until(isSo: () => unknown): Promise<void> {
    while (!isSo()) {
      await place.sleep('1 minute');
      await delay(20);
    }
  }

  it('is waited for beyond five attempts; the channel says so, and then what came of it', async () => {
    const world = createWorld();
    world.failures.search = [...times(7, overloaded), ...times(3, unreachable)];
    await inRun(
      {},
      async ({ click, outcome, shortId }) => {
        await untilTold(world);
        const [wait] = waitsIn(world);
        assert.deepEqual(wait?.under, { channel: 'C1', ts: '' });
        assert.equal(wait?.last?.shortId, shortId);
        assert.match(wait?.last?.reason ?? '', /not available/);
        await until(() => world.cards().length > 0);
        assert.equal(world.calls.search, 11);
        await click('approve', ana);
        assert.equal((await outcome()).state, 'completed');
        assert.deepEqual(
          waitsIn(world).map(({ states }) => states),
          [['waiting', 'over']],
        );
      },
      { world },
    );
  });

  it('is waited for in the thread in which the run was asked for', async () => {
    const world = createWorld();
    world.failures.plan = times(6, overloaded);
    await inRun(
      { thread: '7.0' },
      async ({ click, outcome }) => {
        await until(() => world.cards().length > 0);
        await click('approve', ana);
        await outcome();
        assert.equal(waitsIn(world)[0]?.under.ts, '7.0');
      },
      { world },
    );
  });

  it('costs a turn no part of its budget, and the wait stands under the card', async () => {
    const world = createWorld();
    world.failures.turn = times(12, overloaded);
    await inRun(
      {},
      async ({ card, click, outcome }) => {
        const { ref } = await card();
        await click('approve', ana);
        assert.equal((await outcome()).state, 'completed');
        const [wait] = waitsIn(world);
        assert.equal(wait?.under.ts, ref.ts);
        assert.deepEqual(wait?.states, ['waiting', 'over']);
        assert.equal(world.calls.execute.length, 13);
        assert.ok(world.reports.length > 0);
        const { since = '', endedAt = '' } = wait?.last ?? {};
        assert.ok(Date.parse(endedAt) - Date.parse(since) > 600_000, 'it waited for minutes');
      },
      { world },
    );
  });

  it('is given up after an hour, with words and Retry', async () => {
    const world = createWorld();
    world.failures.plan = times(200, overloaded);
    await inRun(
      {},
      async ({ handle }) => {
        const { failure, resume } = await failureOf(handle);
        assert.equal(failure.step, 'plan');
        assert.equal(failure.code, 'Overloaded');
        assert.match(
          failure.message,
          /^The model’s API is not available: Overloaded\. I tried for an hour\.$/,
        );
        assert.ok(resume.research, 'Retry begins with the plan');
        const { startTime, closeTime } = await handle.describe();
        const minutes = (Number(closeTime) - Number(startTime)) / 60_000;
        assert.ok(minutes > 50 && minutes < 62, `${minutes} minutes`);
        assert.ok(world.calls.plan.length < 45, `${world.calls.plan.length} attempts`);
        assert.deepEqual(waitsIn(world)[0]?.states, ['waiting', 'given-up']);
      },
      { world },
    );
  });

  it('is asked again when it said, and given up at once where it asks for more than an hour', async () => {
    const world = createWorld();
    world.failures.search = [overloaded(600_000)];
    await inRun(
      {},
      async ({ click, handle }) => {
        await until(() => world.cards().length > 0);
        await click('approve', ana);
        await handle.result();
        const { events } = await handle.fetchHistory();
        const timers = (events ?? []).flatMap(
          ({ timerStartedEventAttributes: timer }) =>
            tsToMs(timer?.startToFireTimeout ?? msNumberToTs(0)) || [],
        );
        const asked = timers.find((ms) => ms >= 600_000 && ms <= 720_000);
        assert.ok(asked, String(timers));
      },
      { world },
    );
    const spent = createWorld();
    spent.failures.search = [overloaded(7_200_000)];
    await inRun(
      {},
      async ({ handle }) => {
        const { failure } = await failureOf(handle);
        assert.match(failure.message, /Retry in 120 minutes\./);
        assert.equal(spent.calls.search, 1);
      },
      { world: spent },
    );
  });

  it('is waited for no longer once the run is cancelled', async () => {
    const world = createWorld();
    world.failures.search = times(200, overloaded);
    await inRun(
      {},
      async ({ cancel, outcome }) => {
        await untilTold(world);
        await cancel();
        assert.deepEqual(await outcome(), { state: 'cancelled', by: ana });
        assert.deepEqual(waitsIn(world)[0]?.states, ['waiting', 'stopped']);
      },
      { world },
    );
  });

  it('says that it was stopped, also where the run is cancelled while Slack has not taken its message yet', async () => {
    const world = createWorld();
    world.failures.search = times(200, overloaded);
    world.failures.postInThread = [transient(60_000)];
    await inRun(
      {},
      async ({ cancel, outcome }) => {
        await until(() => world.failures.postInThread.length === 0);
        await cancel();
        assert.deepEqual(await outcome(), { state: 'cancelled', by: ana });
        assert.deepEqual(waitsIn(world)[0]?.states, ['waiting', 'stopped']);
      },
      { world },
    );
  });

  it('leaves five attempts for answers that are wrong', async () => {
    const world = createWorld();
    world.failures.search = [transient(), transient(), overloaded(), ...times(3, transient)];
    await inRun(
      {},
      async ({ handle }) => {
        const { failure } = await failureOf(handle);
        assert.equal(failure.step, 'search');
        assert.equal(world.calls.search, 6, 'five faults, and one that was waited out');
        assert.deepEqual(waitsIn(world), [], 'a short wait is not told');
      },
      { world },
    );
  });
});

describe('the time-outs of a call', () => {
  const inRun = testRunsAt(timeSkippingForTests());

  /** The time-outs under which activities were scheduled, in seconds, in order: of the whole, and of a silence. */
  async function timeoutsOf({ handle }: TestRun): Promise<Record<string, [number, number]>> {
    const { events } = await handle.fetchHistory();
    const scheduled = (events ?? []).flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
    return Object.fromEntries(
      scheduled.map(({ activityType, activityId, startToCloseTimeout, heartbeatTimeout }) => [
        `${activityType?.name} ${activityId}`,
        [Number(startToCloseTimeout?.seconds ?? 0), Number(heartbeatTimeout?.seconds ?? 0)],
      ]),
    );
  }

  it('let an answer go on, a tool ask people for an hour, and a change outlast a silence of ten seconds', async () => {
    const world = createWorld();
    const tool = { description: '', inputSchema: { type: 'object' } };
    world.tools.push({ ...tool, name: 'read', readOnly: true }, { ...tool, name: 'write', readOnly: false });
    world.turns.push({
      calls: [
        { id: 'a', name: 'read', input: {} },
        { id: 'b', name: 'write', input: {} },
      ],
    });
    await inRun(
      {},
      async (run) => {
        await run.click('approve', ana);
        await run.decide(await run.toolCall('write'), 'approve');
        await run.outcome();
        const timeouts = await timeoutsOf(run);
        const of = (name: string) =>
          Object.entries(timeouts).flatMap(([key, value]) => (key.startsWith(`${name} `) ? [value] : []));
        assert.deepEqual(of('searchWeb'), [[300, 4]]);
        assert.deepEqual(of('callLlm'), [
          [300, 4],
          [900, 4],
          [900, 4],
        ]);
        // Five minutes for the call itself, which its own process counts, and an hour in which its tool may ask people.
        assert.deepEqual(of('callTool'), [
          [3_960, 4],
          [3_960, 10],
        ]);
        assert.deepEqual(of('postCard'), [[30, 3]]);
      },
      { world },
    );
  });
});
