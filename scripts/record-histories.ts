import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createActivities } from '../src/activities/index.js';
import { connectTemporal } from '../src/temporal/connection.js';
import { startOptions } from '../src/temporal/start-options.js';
import { installRuntime } from '../src/temporal/worker.js';
import { WORKFLOW_TYPE } from '../src/workflows/runtime/signals.js';
import { CONTINUES_AFTER, PATHS } from '../test/support/paths.js';
import { createWorld } from '../test/support/run/world.js';
import { runInput } from '../test/support/samples.js';
import { findDevServer, startDevServer } from '../test/support/temporal/temporal.js';
import { withWorkers } from '../test/support/temporal/workers.js';

/**
 * Records a history of every path anew, from a real server: `npm run histories`. Once a version is released its histories stay: runs that
 * wait under it must replay under every later one.
 */
const folder = 'test/histories';

installRuntime(() => {});
const cli = await findDevServer();
const server = await startDevServer({
  dynamicConfig: [`limit.historyCount.suggestContinueAsNew=${CONTINUES_AFTER}`],
});
process.env.TEMPORAL_ADDRESS = server.address;
const temporal = await connectTemporal();
if (!(await temporal.registerSearchAttributes())) {
  throw new Error('The search attributes could not be registered');
}
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, { own, world: worldOf = createWorld, continues, act }] of Object.entries(PATHS)) {
  const world = worldOf();
  const taskQueue = `recorded-${name}`;
  const input = runInput(own);
  await withWorkers(
    { connection: temporal.native, taskQueue, activities: createActivities(world) },
    async () => {
      const handle = await temporal.client.workflow.start(WORKFLOW_TYPE, {
        ...startOptions(input, taskQueue, input.searchAttributes ?? false),
        workflowId: taskQueue,
      });
      await act({ handle, world });
      await handle.result().catch(() => 'some paths fail');
      record(name, taskQueue, handle.firstExecutionRunId);
      if (continues) record(`${name}-again`, taskQueue);
    },
  );
  console.log(`${name} recorded`);
}
await temporal.close();
await server.stop();
process.exit(0);

/** Saves a history as Temporal's own command line exports it; of the newest execution, unless another one is named. */
function record(name: string, workflowId: string, executionId?: string): void {
  const which = ['--workflow-id', workflowId, ...(executionId ? ['--run-id', executionId] : [])];
  const show = ['workflow', 'show', ...which, '--output', 'json', '--address', server.address];
  const history = execFileSync(cli, show, { encoding: 'utf8' });
  // Which machine and folder it was recorded in is nobody's business.
  const anonymous = history
    .replaceAll(/"identity": *"[^"]*"/g, '"identity": "recorded"')
    .replaceAll(`${process.cwd()}/`, '');
  writeFileSync(join(folder, `${name}.json`), anonymous);
}
