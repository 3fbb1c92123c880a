import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../src/activities/index.js';
import type { ToolResult } from '../../src/run/execution/tools.js';
import { createRuns } from '../../src/temporal/runs.js';
import { createWorkers, type WorkerSettings, type Workers } from '../../src/temporal/worker/worker.js';
import { workersAt } from '../support/run/test-runs.js';
import { cardOf, decisionOn } from '../support/run/votes.js';
import { createWorld, type World } from '../support/run/world.js';
import { ana, policyWith, runInput } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';
import { workflowBundle } from '../support/temporal/workflow-bundle.js';

quietRuntime();

const DONE: ToolResult = { content: [{ type: 'text', text: 'done' }], isError: false };

describe('workers that are stopped in the middle of a tool call', () => {
  const dev = devServerForTests();

  /** Workers of one process, which have so long for calls. */
  async function start(taskQueue: string, world: World, callsMs: number) {
    const connection = await NativeConnection.connect({ address: dev.address });
    const settings: WorkerSettings = {
      ...workersAt(dev),
      connection,
      taskQueue,
      activities: createActivities(world),
      code: { workflowBundle: await workflowBundle() },
      stopTimes: { callsMs, postsMs: 2_000, cancelledMs: 2_000 },
    };
    const workers = await createWorkers(settings);
    const working = workers.run().finally(() => connection.close());
    return { workers, working };
  }

  /** Starts an approved run that calls a tool which changes something; `finish` ends the call. */
  async function callUnderWay(world: World, taskQueue: string, shortId: string) {
    let finish = () => {};
    const finished = new Promise<ToolResult>((resolve) => {
      finish = () => resolve(DONE);
    });
    const name = `write_${shortId}`;
    world.tools.push({ name, description: '', inputSchema: { type: 'object' }, readOnly: false });
    world.answers.set(name, (_, signal) => {
      const cancelled = new Promise<never>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
      });
      return Promise.race([finished, cancelled]);
    });
    world.turns.push({ calls: [{ id: `${shortId}-1`, name, input: {} }] });
    const runs = createRuns(dev.client, taskQueue);
    const policy = policyWith({ tools: [{ match: 'write_*', rule: 'allow' }] });
    await runs.start(runInput({ shortId, policy }));
    await approve(world, taskQueue, shortId);
    await world.waitFor(() => world.toolCalls.some((call) => call.name === name), 'the call');
    return { finish };
  }

  async function approve(world: World, taskQueue: string, shortId: string): Promise<void> {
    const runs = createRuns(dev.client, taskQueue);
    await runs.decide(shortId, decisionOn(await cardOf(world, shortId), 'approve', ana));
  }

  const stop = async ({ workers, working }: { workers: Workers; working: Promise<void> }) => {
    workers.shutdown();
    await working;
  };
  const kindsOf = (world: World, shortId: string) =>
    world.entries.filter((entry) => entry.shortId === shortId).map(({ kind }) => kind);

  it('wait for its answer and deliver it, and decide about plans meanwhile; nobody is asked anything', async () => {
    const taskQueue = randomUUID();
    const world = createWorld();
    const first = await start(taskQueue, world, 30_000);
    await createRuns(dev.client, taskQueue).start(runInput({ shortId: 'waits234' }));
    await cardOf(world, 'waits234');
    const { finish } = await callUnderWay(world, taskQueue, 'calls234');

    let isDrained = false;
    const drained = first.workers.drainCalls().then(() => {
      isDrained = true;
    });
    await approve(world, taskQueue, 'waits234');
    await world.waitFor(() => kindsOf(world, 'waits234').includes('decided'), 'the decision meanwhile');
    assert.equal(isDrained, false);
    finish();
    await drained;
    await world.waitFor(() => kindsOf(world, 'calls234').includes('tool-called'), 'the answer on record');
    await stop(first);

    const second = await start(taskQueue, world, 5_000);
    for (const shortId of ['calls234', 'waits234'])
      await dev.client.workflow.getHandle(`agent-${shortId}`).result();
    assert.equal(world.toolCalls.length, 1, 'the call was made once');
    assert.equal(world.results.length, 2);
    await stop(second);
  });

  it('leave new calls to another process at once', async () => {
    const taskQueue = randomUUID();
    const world = createWorld();
    const old = await start(taskQueue, world, 30_000);
    const { finish } = await callUnderWay(world, taskQueue, 'olds2345');
    const young = await start(taskQueue, world, 5_000);
    const drained = old.workers.drainCalls();
    const later = await callUnderWay(world, taskQueue, 'news2345');
    later.finish();
    await dev.client.workflow.getHandle('agent-news2345').result();
    finish();
    await drained;
    await stop(old);
    await dev.client.workflow.getHandle('agent-olds2345').result();
    assert.equal(world.toolCalls.length, 2);
    await stop(young);
  });

  it('hand it back when its time is up, and a person says whether it happened', async () => {
    const taskQueue = randomUUID();
    const world = createWorld();
    const first = await start(taskQueue, world, 1_000);
    await callUnderWay(world, taskQueue, 'hangs234');
    const before = Date.now();
    await first.workers.drainCalls();
    const tookMs = Date.now() - before;
    assert.ok(tookMs >= 1_000 && tookMs < 10_000, `the calls had ${tookMs} ms`);
    await stop(first);

    const second = await start(taskQueue, world, 5_000);
    const requests = () => kindsOf(world, 'hangs234').filter((kind) => kind === 'requested');
    await world.waitFor(() => requests().length === 2, 'the question, after the one about the plan');
    await stop(second);
  });
});
