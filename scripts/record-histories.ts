import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectTemporal } from '../src/temporal/connection.js';
import { CONTINUES_AFTER, PATHS } from '../test/support/paths.js';
import type { TestRun } from '../test/support/run/test-run.js';
import { openTestRuns } from '../test/support/run/test-runs.js';
import { createWorld } from '../test/support/run/world.js';
import { quietRuntime } from '../test/support/temporal/quiet-runtime.js';
import { findDevServer, startDevServer } from '../test/support/temporal/temporal.js';

/**
 * Records a history of every path from a real server: `npm run histories`, or of some: `npm run histories -- plain budget`. A released version's
 * histories stay: runs that wait under that version must replay under every later one.
 */
const folder = 'test/histories';

quietRuntime();
const cli = await findDevServer();
const server = await startDevServer({
  dynamicConfig: [`limit.historyCount.suggestContinueAsNew=${CONTINUES_AFTER}`],
});
process.env.TEMPORAL_ADDRESS = server.address;
const temporal = await connectTemporal();
await temporal.registerSearchAttributes();
const only = process.argv.slice(2);
if (only.length === 0) rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const { client, native: connection } = temporal;
const { inRun, close } = await openTestRuns({ client, connection });
for (const [name, { own = {}, world = createWorld, continues, act }] of Object.entries(PATHS)) {
  if (only.length > 0 && !only.includes(name)) continue;
  const workflowId = `recorded-${name}`;
  const record = async (run: TestRun) => {
    await act(run);
    await run.outcome().catch(() => 'some paths fail');
    save(name, workflowId, run.handle.firstExecutionRunId);
    if (continues) save(`${name}-again`, workflowId);
  };
  await inRun(own, record, { world: world(), workflowId });
  console.log(`${name} recorded`);
}
await close();
await temporal.close();
await server.stop();
process.exit(0);

/** Saves a history in the format of Temporal's own command line. Without `executionId` it is the newest execution's. */
function save(name: string, workflowId: string, executionId?: string): void {
  const which = ['--workflow-id', workflowId, ...(executionId ? ['--run-id', executionId] : [])];
  const show = ['workflow', 'show', ...which, '--output', 'json', '--address', server.address];
  const history = execFileSync(cli, show, { encoding: 'utf8' });
  // The recording machine and its folders stay private.
  const anonymous = history
    .replaceAll(/"identity": *"[^"]*"/g, '"identity": "recorded"')
    .replaceAll(`${process.cwd()}/`, '');
  writeFileSync(join(folder, `${name}.json`), anonymous);
}
