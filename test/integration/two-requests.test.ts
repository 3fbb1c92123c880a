import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { connectTemporal, type Temporal } from '../../src/temporal/connection.js';
import { installRuntime } from '../../src/temporal/worker.js';
import { humanApprove } from '../../src/workflows/runtime/signals.js';
import { ana, ben, decision } from '../support/samples.js';
import { startDevServer } from '../support/temporal.js';
import { verdictsSoFar } from '../support/two-requests-workflow.js';

installRuntime(() => {});
let server: Awaited<ReturnType<typeof startDevServer>>;
let temporal: Temporal;
before(async () => {
  server = await startDevServer();
  process.env.TEMPORAL_ADDRESS = server.address;
  temporal = await connectTemporal();
});
after(async () => {
  await temporal.close();
  await server.stop();
});

it('requests that are open at once have each their own answer: none blocks or answers another', async () => {
  const taskQueue = randomUUID();
  const workflowsPath = fileURLToPath(new URL('../support/two-requests-workflow.ts', import.meta.url));
  const worker = await Worker.create({ connection: temporal.native, taskQueue, workflowsPath });
  await worker.runUntil(async () => {
    const handle = await temporal.client.workflow.start('twoRequestsWorkflow', {
      workflowId: randomUUID(),
      taskQueue,
    });
    const on = (id: string) => ({ request: id, digest: id });
    while ((await handle.query(verdictsSoFar)).third !== 'expired') await delay(50);
    assert.deepEqual(await handle.query(verdictsSoFar), { third: 'expired' }, 'the others still wait');
    // Ana's approval is for the first request, whatever else is open; on the second it is nobody's.
    await handle.signal(humanApprove, decision({ ...on('second'), by: ana }));
    await handle.signal(humanApprove, decision({ ...on('second'), by: ben, kind: 'reject' }));
    await handle.signal(humanApprove, decision({ ...on('first'), by: ana }));
    assert.deepEqual(await handle.result(), {
      first: 'approve',
      second: 'reject',
      third: 'expired',
      refused: 'not-an-approver',
    });
  });
});
