import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createActivities } from '../../src/activities/index.js';
import { createWorkers, type Workers } from '../../src/temporal/worker/worker.js';
import { createWorld } from '../support/run/world.js';
import { connectService } from '../support/temporal/connect-service.js';
import { startHangingServer } from '../support/temporal/hanging-server.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';
import { workflowBundle } from '../support/temporal/workflow-bundle.js';

quietRuntime();

/** Work that goes on after a start was given up. */
const ends: Promise<unknown>[] = [];

/** Takes the steps of a start that ask Temporal. */
async function startAt(address: string): Promise<void> {
  const temporal = await connectService(address);
  await temporal.missingSearchAttributes().catch(async (error: unknown) => {
    await temporal.close();
    throw error;
  });
  const { native: connection, namespace } = temporal;
  const code = { workflowBundle: await workflowBundle() };
  const activities = createActivities(createWorld());
  const creating = createWorkers({ connection, namespace, taskQueue: 'hangs', activities, code });
  // Workers that come late hold the connection.
  ends.push(creating.then(endWorkers).finally(temporal.close));
  await temporal.inTime(() => creating, 10_000);
}

async function endWorkers(workers: Workers): Promise<void> {
  const working = workers.run();
  workers.shutdown();
  await working;
}

describe('a start beside a Temporal server that hangs', { concurrency: true }, () => {
  const server = devServerForTests();

  it('is done where nothing hangs', async () => {
    const calm = await startHangingServer(server.address, () => false);
    await startAt(calm.address);
    await Promise.all(ends);
    calm.close();
  });

  for (const [what, hangs] of [
    ['with the client’s first call', (method) => method === 'GetSystemInfo'],
    ['with the worker’s first call', (method, before) => method === 'GetSystemInfo' && before === 1],
    ['with the namespace', (method) => method === 'DescribeNamespace'],
    ['with the search attributes', (method) => method === 'ListSearchAttributes'],
    [
      'with the workers’ look at the namespace',
      (method, before) => method === 'DescribeNamespace' && before > 0,
    ],
  ] as [string, (method: string, before: number) => boolean][]) {
    it(`ends with an error that names the address: ${what}`, { timeout: 30_000 }, async () => {
      const hanging = await startHangingServer(server.address, hangs);
      await assert.rejects(startAt(hanging.address), ({ name, code, message }) => {
        assert.deepEqual([name, code], ['ConfigError', 'TEMPORAL_ADDRESS']);
        assert.match(message, /can't be used at .*\((no answer for 10 s|Failed to connect)/);
        assert.ok(message.includes(hanging.address));
        return true;
      });
      hanging.release();
      await Promise.all(ends);
      hanging.close();
    });
  }
});
