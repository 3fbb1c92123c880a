import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createActivities } from '../../src/activities/index.js';
import type { Person } from '../../src/approval/person.js';
import { createRuns } from '../../src/temporal/runs.js';
import { DEFAULT_SLOTS } from '../../src/temporal/worker/slots.js';
import { workersAt } from '../support/run/test-runs.js';
import { cardOf } from '../support/run/votes.js';
import { createWorld } from '../support/run/world.js';
import { ana, ben, runInput } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';
import { withWorkers } from '../support/temporal/workers.js';

quietRuntime();

const RUNS_OF_ONE = 60;
/** Duration of a call to the model, of which there is one at once. */
const CALL_MS = 250;

describe('a run beside sixty runs of somebody else', () => {
  const fair = devServerForTests({ dynamicConfig: ['matching.enableFairness=true'] });
  const plain = devServerForTests({ dynamicConfig: ['matching.enableFairness=false'] });

  /** Time from the start of Ben's run, after Ana's, to its card, in milliseconds. */
  async function waitOfOther(dev: typeof fair, count: number): Promise<number> {
    const world = createWorld();
    const taskQueue = randomUUID();
    const activities = createActivities(world);
    const runs = createRuns(dev.client, taskQueue);
    // A machine with other work may answer late. A second start of the same run changes nothing.
    const start = (shortId: string, requester: Person): Promise<unknown> =>
      runs.start(runInput({ shortId, requester })).catch(() => start(shortId, requester));
    const slow: typeof activities = {
      ...activities,
      searchWeb: async (input) => {
        await delay(CALL_MS);
        return await activities.searchWeb(input);
      },
    };
    const slots = { ...DEFAULT_SLOTS, modelCalls: 1 };
    const shortIds = Array.from({ length: count }, (_, index) => `many${2_000 + index}`);
    const tookMs = await withWorkers({ ...workersAt(dev), taskQueue, activities: slow, slots }, async () => {
      for (const shortId of shortIds) await start(shortId, ana);
      await world.waitFor(() => world.calls.search > 2, 'the first calls');
      const before = Date.now();
      await start('single23', ben);
      await cardOf(world, 'single23');
      return Date.now() - before;
    });
    for (const shortId of [...shortIds, 'single23'])
      await dev.client.workflow.getHandle(`agent-${shortId}`).terminate('the test is over');
    return tookMs;
  }

  it('has its turn at once where the server is fair', async (test) => {
    const tookMs = await waitOfOther(fair, RUNS_OF_ONE);
    test.diagnostic(`its card was there after ${tookMs} ms`);
    assert.ok(tookMs < (RUNS_OF_ONE * CALL_MS) / 3, `it waited ${tookMs} ms`);
  });

  it('starts and waits in line where the server is not, as before', async (test) => {
    const tookMs = await waitOfOther(plain, 12);
    test.diagnostic(`its card was there after ${tookMs} ms`);
    assert.ok(tookMs > 4 * CALL_MS, `it waited ${tookMs} ms only: the test shows nothing`);
  });
});
