import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ResumePoint } from '../../src/run/input.js';
import { failureOf, type TestRun } from '../support/run/test-run.js';
import { testRunsAt } from '../support/run/test-runs.js';
import { createWorld, permanent, transient } from '../support/run/world.js';
import { ana, threadWith } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { timeSkippingForTests } from '../support/temporal/suites.js';

quietRuntime();

const mention = { channel: 'C1', ts: '9.0', thread: '1.0' };
const thread = threadWith();

/** A world in which the mention's thread holds something. */
function worldWithThread() {
  const world = createWorld();
  world.threads.set(mention.ts, thread);
  return world;
}

async function activitiesOf({ handle }: TestRun): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
  );
}

describe('a run that was asked for in a thread', () => {
  const inRun = testRunsAt(timeSkippingForTests());

  it('reads the thread before it searches, and gives it to every call; the card and the record say what was read', async () => {
    const world = worldWithThread();
    await inRun(
      { mention },
      async (run) => {
        await run.click('approve');
        await run.outcome();
        assert.deepEqual(world.readings, [mention]);
        assert.deepEqual(
          world.material.map(({ call, thread: given }) => [call, given?.digest]),
          ['search', 'plan', 'turn'].map((call) => [call, thread.digest]),
        );
        assert.deepEqual(world.material[2]?.thread, thread, 'the execution has the files, too');
        const reading = {
          ...{ messages: 1, older: 0, unread: [], digest: thread.digest },
          files: [{ name: 'prices.csv' }, { name: 'cup.png' }],
        };
        for (const { read } of world.cards()[0]?.states ?? []) assert.deepEqual(read, reading);
        assert.deepEqual((await run.written('read')).data, reading);
        const kinds = world.entries.map(({ kind }) => kind);
        assert.deepEqual(kinds.slice(0, 3), ['started', 'read', 'searched']);
        assert.equal((await activitiesOf(run))[0], 'readThread');
      },
      { world },
    );
  });

  it('goes on with what was read when people ask for changes, or try the run again: nothing is read twice', async () => {
    const world = worldWithThread();
    world.failures.turn = [permanent()];
    let resume: ResumePoint = {};
    await inRun(
      { mention },
      async ({ click, handle }) => {
        await click('changes', ana, { note: 'shorter' });
        await click('approve', ana, { revision: 2 });
        ({ resume } = await failureOf(handle));
      },
      { world },
    );
    world.threads.set(mention.ts, threadWith({ digest: 'other', transcript: 'something else' }));
    await inRun(
      { mention, resume: { ...resume, retriedBy: ana } },
      async ({ outcome }) => void (await outcome()),
      {
        world,
      },
    );
    assert.equal(world.readings.length, 1);
    assert.deepEqual(
      world.material.map(({ call, thread: given }) => [call, given?.digest]),
      ['search', 'plan', 'plan', 'turn', 'turn'].map((call) => [call, thread.digest]),
    );
  });

  it('waits while Slack is away, and reads the thread when it is back', async () => {
    const world = worldWithThread();
    world.failures.read = [transient(), transient(), transient(), transient(), transient(), transient()];
    await inRun(
      { mention },
      async ({ card }) => {
        await card();
        assert.equal(world.readings.length, 7);
        assert.equal(world.material[0]?.thread?.digest, thread.digest);
      },
      { world },
    );
  });

  it('goes on without the thread where Slack does not show it, and the card says so', async () => {
    const world = createWorld();
    const problem = 'Slack refused conversations.replies: missing_scope';
    world.threads.set(mention.ts, threadWith({ messages: 0, files: [], transcript: '', problem }));
    await inRun(
      { mention },
      async ({ card }) => {
        await card();
        assert.equal(world.cards()[0]?.states[0]?.read?.problem, problem);
        assert.deepEqual(
          world.material.map(({ thread: given }) => given),
          [undefined, undefined],
        );
      },
      { world },
    );
  });

  it('reads nothing without one: a plain run has no activity more', async () => {
    await inRun({}, async (run) => {
      await run.click('approve');
      await run.outcome();
      assert.deepEqual(run.world.readings, []);
      assert.ok(!(await activitiesOf(run)).includes('readThread'));
      assert.equal(run.world.cards()[0]?.states[0]?.read, undefined);
    });
  });
});
