import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { createActivities } from '../../src/activities/index.js';
import type { ToolResult } from '../../src/run/execution/tools.js';
import { createRuns } from '../../src/temporal/runs.js';
import { workersAt } from '../support/run/test-runs.js';
import { cardOf, decisionOn } from '../support/run/votes.js';
import { createWorld } from '../support/run/world.js';
import { ana, policyWith, runInput } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';
import { withWorkers } from '../support/temporal/workers.js';

quietRuntime();

const RUNS = 4;
const CALLS_PER_RUN = 25;

describe('with a hundred tool calls that hang', () => {
  const dev = devServerForTests();

  it("another run's posts, checkpoints and model calls are no slower", async () => {
    const world = createWorld();
    world.tools.push({ name: 'read', description: '', inputSchema: { type: 'object' }, readOnly: true });
    let release: (result: ToolResult) => void = () => {};
    const released = new Promise<ToolResult>((resolve) => {
      release = resolve;
    });
    world.answers.set('read', () => released);
    const taskQueue = randomUUID();
    const runs = createRuns(dev.client, taskQueue);
    const handleOf = (shortId: string) => dev.client.workflow.getHandle(`agent-${shortId}`);
    const start = (shortId: string) =>
      runs.start(
        runInput({ shortId, policy: policyWith({ budget: { turns: 10, toolCalls: CALLS_PER_RUN + 5 } }) }),
      );
    const approve = async (shortId: string) => {
      await runs.decide(shortId, decisionOn(await cardOf(world, shortId), 'approve', ana));
    };

    await withWorkers({ ...workersAt(dev), taskQueue, activities: createActivities(world) }, async () => {
      const hanging = Array.from({ length: RUNS }, (_, index) => `hang234${index + 2}`);
      for (const shortId of hanging) {
        const calls = Array.from({ length: CALLS_PER_RUN }, (_, call) => ({
          id: `${shortId}-${call}`,
          name: 'read',
          input: {},
        }));
        world.turns.push({ calls });
        await start(shortId);
        await approve(shortId);
      }
      await world.waitFor(() => world.toolCalls.length === RUNS * CALLS_PER_RUN, 'all calls to hang');

      const asked = Date.now();
      await start('other234');
      await approve('other234');
      await handleOf('other234').result();
      const tookMs = Date.now() - asked;
      assert.ok(tookMs < 3_000, `a whole run beside them took ${tookMs} ms`);
      const kinds = world.entries.filter(({ shortId }) => shortId === 'other234').map(({ kind }) => kind);
      assert.ok(kinds.includes('ended'), kinds.join());

      release({ content: [{ type: 'text', text: 'done' }], isError: false });
      for (const shortId of hanging) await handleOf(shortId).result();
      assert.equal(world.results.length, RUNS + 1);
      assert.equal(world.toolCalls.length, RUNS * CALLS_PER_RUN, 'each call was made once');
    });
  });
});
