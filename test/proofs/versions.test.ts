import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../src/activities/index.js';
import type { RunOutcome } from '../../src/run/state.js';
import { createRuns } from '../../src/temporal/runs.js';
import { createVersions, type Versioning } from '../../src/temporal/versions.js';
import { commandLine } from '../support/product/built.js';
import { workersAt } from '../support/run/test-runs.js';
import { decisionOn, waitingCard } from '../support/run/votes.js';
import { createWorld, type World } from '../support/run/world.js';
import { ana, runInput } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';
import { startWorkers } from '../support/temporal/workers.js';
import { workflowBundle } from '../support/temporal/workflow-bundle.js';

quietRuntime();

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** The workflow's next version, changed under a patch; and one that was changed without. */
const next = at('../support/workflows/next-workflow.ts');
const incompatible = at('../support/workflows/changed-workflow.ts');

describe('a run that waits while a new version is deployed', () => {
  const dev = devServerForTests();

  /** A process of the service: its workers, with a connection of their own; returns what stops them. */
  async function deploy(
    taskQueue: string,
    world: World,
    workflowsPath?: string,
    versioning?: Versioning,
  ): Promise<() => Promise<void>> {
    const connection = await NativeConnection.connect({ address: dev.address });
    const stop = await startWorkers({
      ...workersAt(dev),
      connection,
      taskQueue,
      activities: createActivities(world),
      code: { workflowBundle: await workflowBundle(workflowsPath) },
      ...(versioning && { versioning }),
    });
    return async () => {
      await stop();
      await connection.close();
    };
  }

  async function start(taskQueue: string, shortId: string) {
    const runs = createRuns(dev.client, taskQueue);
    await runs.start(runInput({ shortId }));
    const handle = dev.client.workflow.getHandle(`agent-${shortId}`);
    return {
      handle,
      approve: async (world: World) =>
        runs.decide(shortId, decisionOn(await waitingCard(world), 'approve', ana)),
    };
  }

  /** A build is known to Temporal once a worker of it has polled. */
  async function makeCurrent(deploymentName: string, buildId: string): Promise<void> {
    const versions = createVersions(dev.client, deploymentName);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await versions.makeCurrent(buildId);
        return;
      } catch (error) {
        if (attempt === 50) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  const patches = async (handle: Awaited<ReturnType<typeof start>>['handle']) => {
    const { events } = await handle.fetchHistory();
    return events?.filter((event) => event.markerRecordedEventAttributes).length;
  };

  it('goes on under the new one, by default', async () => {
    const taskQueue = randomUUID();
    const world = createWorld();
    const stopFirst = await deploy(taskQueue, world);
    const { handle, approve } = await start(taskQueue, 'plain234');
    await waitingCard(world);
    await stopFirst();
    const stopSecond = await deploy(taskQueue, world, next);
    await approve(world);
    const outcome = (await handle.result()) as RunOutcome;
    await stopSecond();
    assert.equal(outcome.state, 'completed');
    assert.equal(await patches(handle), 1, 'the patched part ran');
    assert.equal(world.cards().length, 1);
  });

  it('ends under its own where versions are pinned, whatever the new one is like', async () => {
    const taskQueue = randomUUID();
    const deploymentName = `pinned-${randomUUID()}`;
    const version = (buildId: string) => ({ behavior: 'PINNED' as const, deploymentName, buildId });
    const versions = createVersions(dev.client, deploymentName);
    const [first, second] = [createWorld(), createWorld()];
    const stopFirst = await deploy(taskQueue, first, undefined, version('1'));
    await makeCurrent(deploymentName, '1');
    const old = await start(taskQueue, 'pinned23');
    await waitingCard(first);

    const stopSecond = await deploy(taskQueue, second, incompatible, version('2'));
    await makeCurrent(deploymentName, '2');
    const young = await start(taskQueue, 'pinned45');
    await waitingCard(second);
    const onBoth = [
      { buildId: '2', current: true, runs: 1 },
      { buildId: '1', current: false, runs: 1 },
    ];
    assert.deepEqual(await settled(versions, onBoth), onBoth);
    const { stdout } = await promisify(execFile)(process.execPath, commandLine('versions'), {
      env: { ...process.env, TEMPORAL_DEPLOYMENT_NAME: deploymentName },
    });
    assert.equal(stdout, '* 2  1 run\n  1  1 run\n');

    await old.approve(first);
    await young.approve(second);
    for (const { handle } of [old, young]) {
      assert.equal(((await handle.result()) as RunOutcome).state, 'completed');
    }
    for (const { calls, results, cards } of [first, second]) {
      assert.equal(
        calls.search,
        1,
        'also on the task queues behind it, the calls of a run stay with its version',
      );
      assert.equal(calls.execute.length, 1);
      assert.equal(results.length, 1);
      assert.equal(cards().length, 1);
    }
    const onNone = onBoth.map((version) => ({ ...version, runs: 0 }));
    assert.deepEqual(await settled(versions, onNone), onNone);
    await Promise.all([stopFirst(), stopSecond()]);
  });

  it('moves to the current one where versions upgrade by themselves', async () => {
    const taskQueue = randomUUID();
    const deploymentName = `auto-${randomUUID()}`;
    const version = (buildId: string) => ({ behavior: 'AUTO_UPGRADE' as const, deploymentName, buildId });
    const world = createWorld();
    const stopFirst = await deploy(taskQueue, world, undefined, version('1'));
    await makeCurrent(deploymentName, '1');
    const { handle, approve } = await start(taskQueue, 'moves234');
    await waitingCard(world);
    await stopFirst();
    const stopSecond = await deploy(taskQueue, world, next, version('2'));
    await makeCurrent(deploymentName, '2');
    await approve(world);
    assert.equal(((await handle.result()) as RunOutcome).state, 'completed');
    assert.equal(await patches(handle), 1);
    await stopSecond();
  });

  it('says what to do when a build is made current of which no worker was ever seen', async () => {
    const versions = createVersions(dev.client, 'nowhere');
    await assert.rejects(versions.makeCurrent('9'), /can't be made current.*Start a worker of it first/);
  });
});

/** Counts of runs come from Temporal's visibility, which follows a moment later. */
async function settled(versions: ReturnType<typeof createVersions>, wanted: unknown): Promise<unknown> {
  for (let attempt = 0; ; attempt += 1) {
    const list = await versions.list();
    const versioned = list.filter(({ buildId }) => buildId !== undefined);
    if (JSON.stringify(versioned) === JSON.stringify(wanted) || attempt === 50) return versioned;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
