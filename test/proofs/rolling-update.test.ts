import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import proto from '@temporalio/proto';
import { NativeConnection } from '@temporalio/worker';
import { createActivities } from '../../src/activities/index.js';
import { connectTemporal, type Temporal } from '../../src/temporal/connection.js';
import { createRuns } from '../../src/temporal/runs.js';
import { startOptions } from '../../src/temporal/start-options.js';
import { WORKFLOW_TYPE } from '../../src/workflows/runtime/signals.js';
import { WORKFLOW_VERSION } from '../../src/workflows/runtime/workflow-version.js';
import { cardOf, decisionOn } from '../support/run/votes.js';
import { createWorld } from '../support/run/world.js';
import { ana, runInput } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { startDevServer } from '../support/temporal/temporal.js';
import { startWorkers } from '../support/temporal/workers.js';
import { workflowBundle } from '../support/temporal/workflow-bundle.js';

quietRuntime();

const { EventType, WorkflowTaskFailedCause } = proto.temporal.api.enums.v1;
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** The next version of the workflow: with other commands, or changed behind patches. */
const raised = at('../support/workflows/raised-workflow.ts');
const patched = at('../support/workflows/next-workflow.ts');

/** A worker takes a run's task and gets on with it in this time. A task that was left alone is offered again every 4 s at most. */
const WHILE_MS = 2_000;

/** Both versions are offered each task once or twice in this time. Waiting for a run's end takes longer: two runs may alternate between the wrong workers. */
const SIDE_BY_SIDE_MS = 8_000;

describe('two versions of the workflow on one task queue', () => {
  let server: Awaited<ReturnType<typeof startDevServer>>;
  let temporal: Temporal;
  before(async () => {
    server = await startDevServer({ dynamicConfig: ['history.workflowTaskRetryMaxInterval="1s"'] });
    process.env.TEMPORAL_ADDRESS = server.address;
    temporal = await connectTemporal();
  });
  /** Ends of the workers that run. */
  const deployed = new Set<() => Promise<void>>();
  after(async () => {
    for (const end of deployed) await end();
    await temporal.close();
    await server.stop();
  });

  /** One task queue, the world behind it, and the people who use it. */
  function createDrill() {
    const world = createWorld();
    const taskQueue = randomUUID();
    const runs = createRuns(temporal.client, taskQueue);
    const handleOf = (shortId: string) => temporal.client.workflow.getHandle(`agent-${shortId}`);
    const eventsOf = async (shortId: string) => (await handleOf(shortId).fetchHistory()).events ?? [];
    const isPosted = (shortId: string) =>
      world
        .cards()
        .some(({ states: [first] }) => first?.shortId === shortId && first.state.kind === 'waiting');
    return {
      world,
      /** Workers with a connection of their own, as another process has one; returns what stops them. */
      async deploy(workflowsPath?: string) {
        const connection = await NativeConnection.connect({ address: server.address });
        const activities = createActivities(world);
        const code = { workflowBundle: await workflowBundle(workflowsPath) };
        const stop = await startWorkers({ connection, taskQueue, activities, code });
        const end = async () => {
          deployed.delete(end);
          await stop();
          await connection.close();
        };
        deployed.add(end);
        return end;
      },
      /** Starts a run as a service of this version of the workflow does. */
      async start(version: number, ...shortIds: string[]): Promise<void> {
        for (const shortId of shortIds) {
          const options = startOptions(runInput({ shortId }), taskQueue);
          const args = options.args.map((input) => ({ ...input, workflowVersion: version }));
          await temporal.client.workflow.start(WORKFLOW_TYPE, {
            ...options,
            args,
            workflowId: `agent-${shortId}`,
          });
        }
      },
      approve: async (...shortIds: string[]) => {
        for (const shortId of shortIds) {
          await runs.decide(shortId, decisionOn(await cardOf(world, shortId), 'approve', ana));
        }
      },
      posted: async (...shortIds: string[]) => {
        for (const shortId of shortIds)
          await world.waitFor(() => isPosted(shortId), `the card of ${shortId}`, 120_000);
      },
      ended: async (...shortIds: string[]) => {
        for (const shortId of shortIds) {
          const outcome = (await handleOf(shortId).result()) as { state: string };
          assert.equal(outcome.state, 'completed', shortId);
        }
      },
      /** Checks that nobody carries these runs on for a while. */
      async leftAlone(...shortIds: string[]): Promise<void> {
        const results = world.results.length;
        await delay(WHILE_MS);
        assert.equal(world.results.length, results, 'no result was posted');
        for (const shortId of shortIds)
          assert.equal((await handleOf(shortId).describe()).status.name, 'RUNNING', shortId);
      },
      eventsOf,
      /** First command of a run, which tells the version that it ran under. */
      async firstCommand(shortId: string) {
        const events = await eventsOf(shortId);
        const completed = events.findIndex(({ workflowTaskCompletedEventAttributes: task }) => task);
        return completed < 0 ? undefined : events[completed + 1]?.eventType;
      },
      async assertNeverDiverged(shortId: string): Promise<void> {
        const causes = (await eventsOf(shortId)).map(
          (event) => event.workflowTaskFailedEventAttributes?.cause,
        );
        const wrong = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR;
        assert.ok(!causes.includes(wrong), `${shortId} was carried on by the wrong version`);
      },
    };
  }

  it('each carries on its own runs alone: side by side, one replaced by the other, and back again', async () => {
    const { world, deploy, start, approve, posted, ended, leftAlone, ...drill } = createDrill();
    const [older, newer] = [WORKFLOW_VERSION, WORKFLOW_VERSION + 1];

    let stopOlder = await deploy();
    await start(older, 'old22222', 'old33333', 'old44444');
    await posted('old22222', 'old33333', 'old44444');

    // A rolling update: both versions poll, and both kinds of runs start and are decided about.
    let stopNewer = await deploy(raised);
    await start(newer, 'new22222', 'new33333', 'new44444');
    await start(older, 'old55555', 'old66666');
    await approve('old22222');
    await delay(SIDE_BY_SIDE_MS);

    // The newer one alone.
    await stopOlder();
    await posted('new22222', 'new33333', 'new44444');
    await start(newer, 'new55555');
    await start(older, 'old77777');
    await posted('new55555');
    await approve('old33333', 'new22222', 'new33333');
    await ended('new22222', 'new33333');
    await leftAlone('old33333', 'old77777');
    assert.equal(await drill.firstCommand('old77777'), undefined, 'it has not begun');

    // Rolled back: the older one alone.
    await stopNewer();
    stopOlder = await deploy();
    await ended('old22222', 'old33333');
    await posted('old55555', 'old66666', 'old77777');
    await start(newer, 'new66666');
    await approve('old55555', 'new44444');
    await ended('old55555');
    await leftAlone('new44444', 'new66666');

    // Both again, then each alone: every run ends.
    stopNewer = await deploy(raised);
    await approve('old44444', 'old66666', 'old77777', 'new55555');
    await delay(SIDE_BY_SIDE_MS);
    await stopOlder();
    await posted('new66666');
    await approve('new66666');
    await ended('new44444', 'new55555', 'new66666');
    await stopNewer();
    stopOlder = await deploy();
    await ended('old44444', 'old66666', 'old77777');
    await stopOlder();

    const shortIds = [...new Set(world.cards().map(({ states: [first] }) => first?.shortId ?? ''))];
    assert.equal(shortIds.length, 11);
    assert.equal(world.cards().length, 11, 'one card a run');
    assert.equal(world.results.length, 11, 'one result a run');
    for (const shortId of shortIds) {
      const first = shortId.startsWith('new')
        ? EventType.EVENT_TYPE_TIMER_STARTED
        : EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED;
      assert.equal(await drill.firstCommand(shortId), first, shortId);
      await drill.assertNeverDiverged(shortId);
    }
  });

  it('the older one leaves a run alone in which the newer one took a patched branch', async () => {
    const { world, deploy, start, approve, posted, ended, leftAlone, eventsOf } = createDrill();
    const patchesOf = async (shortId: string) =>
      (await eventsOf(shortId)).filter((event) => event.markerRecordedEventAttributes).length;

    let stopOlder = await deploy();
    await start(WORKFLOW_VERSION, 'waits222', 'waits333');
    await posted('waits222', 'waits333');
    await stopOlder();
    const stopNewer = await deploy(patched);
    await start(WORKFLOW_VERSION, 'begun222');
    await posted('begun222');
    assert.equal(await patchesOf('begun222'), 1);
    await approve('waits222');
    await ended('waits222');
    assert.equal(await patchesOf('waits222'), 1, 'the newer one carried it on');
    await stopNewer();

    stopOlder = await deploy();
    await approve('waits333', 'begun222');
    await ended('waits333');
    assert.equal(await patchesOf('waits333'), 0);
    await leftAlone('begun222');

    await stopOlder();
    const stopAgain = await deploy(patched);
    await ended('begun222');
    await stopAgain();
    assert.equal(world.results.length, 3);
  });
});
