import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createActivities } from '../../src/activities/index.js';
import type { RequestMessage } from '../../src/run/request.js';
import { humanApprove } from '../../src/workflows/runtime/signals.js';
import { workersAt } from '../support/run/test-runs.js';
import { createWorld } from '../support/run/world.js';
import { ana, ben, chloe, decision } from '../support/samples.js';
import { quietRuntime } from '../support/temporal/quiet-runtime.js';
import { devServerForTests } from '../support/temporal/suites.js';
import { withWorkers } from '../support/temporal/workers.js';
import { workflowBundle } from '../support/temporal/workflow-bundle.js';
import { outcomesSoFar } from '../support/workflows/two-requests-workflow.js';

quietRuntime();
const dev = devServerForTests();

it('items that are open at once have each their own outcome, and one decision about several counts where it may', async () => {
  const taskQueue = randomUUID();
  const world = createWorld();
  const workflowsPath = fileURLToPath(
    new URL('../support/workflows/two-requests-workflow.ts', import.meta.url),
  );
  const code = { workflowBundle: await workflowBundle(workflowsPath) };
  const settings = { ...workersAt(dev), taskQueue, activities: createActivities(world), code };
  await withWorkers(settings, async () => {
    const handle = await dev.client.workflow.start('twoRequestsWorkflow', {
      workflowId: randomUUID(),
      taskQueue,
    });
    const message = (id: string) =>
      world.waitFor(
        () =>
          world
            .thread()
            .map(({ states }) => states[0] as RequestMessage)
            .find(({ item }) => item.id === id),
        id,
      );
    const [{ request }] = await Promise.all([message('first'), message('second'), message('third')]);
    while ((await handle.query(outcomesSoFar)).third !== 'expired') await delay(50);
    assert.deepEqual(await handle.query(outcomesSoFar), { third: 'expired' }, 'the others still wait');
    const about = (...ids: string[]) => ({
      request,
      revision: 0,
      items: ids.map((id) => ({ id, digest: id })),
    });
    const now = () => ({ at: new Date().toISOString() });
    // Chloe may decide about neither; Ana about the first only, and is told of the rest.
    await handle.signal(
      humanApprove,
      decision({ ...about('first', 'second'), ...now(), clickedOn: 'home', by: chloe }),
    );
    await handle.signal(
      humanApprove,
      decision({ ...about('first', 'second'), ...now(), clickedOn: 'home', by: ana }),
    );
    await world.waitFor(() => world.privately.length === 2, 'one refusal each');
    assert.deepEqual(await handle.query(outcomesSoFar), { third: 'expired', first: 'approve' });
    // The first is decided by now, and Chloe may not decide about the second: she is told of both.
    await handle.signal(
      humanApprove,
      decision({ ...about('first', 'second'), ...now(), clickedOn: 'home', by: chloe }),
    );
    await world.waitFor(() => world.privately.length === 4, 'a refusal for each reason');
    await handle.signal(
      humanApprove,
      decision({ ...about('second'), ...now(), clickedOn: 'home', by: ben, kind: 'reject' }),
    );
    assert.deepEqual(await handle.result(), { third: 'expired', first: 'approve', second: 'reject' });
    assert.deepEqual(
      world.privately.map(({ to, message }) => [
        to.user,
        message.kind === 'refused' && message.refusal.reason,
      ]),
      [
        ['UCHLOE', 'not-an-approver'],
        ['UANA', 'not-an-approver'],
        ['UCHLOE', 'already-decided'],
        ['UCHLOE', 'not-an-approver'],
      ],
    );
    const votes = world.entries.flatMap((entry) => (entry.kind === 'voted' ? [entry.data.item] : []));
    assert.deepEqual(votes, ['first'], 'the digests that were shown, item by item');
  });
});
