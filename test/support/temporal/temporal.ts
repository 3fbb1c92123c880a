import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { findServer, startTemporalServer } from '../../../sandbox/temporal-server/index.js';

const cacheDir = fileURLToPath(new URL('../../../.cache/temporal', import.meta.url));
const say = (line: string) => console.error(line);

/** Starts the test server that skips time: three days pass in a moment. */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const path = await findTimeSkipping();
  return await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
}

/** Finds the test server that skips time, or fetches it once. */
export async function findTimeSkipping(): Promise<string> {
  const { TEMPORAL_TEST_SERVER_PATH: explicitPath } = process.env;
  return await findServer('time-skipping', { cacheDir, say, ...(explicitPath && { explicitPath }) });
}

/** Finds the dev server, or fetches it once. */
export async function findDevServer(): Promise<string> {
  const { TEMPORAL_CLI_PATH: explicitPath } = process.env;
  return await findServer('dev', { cacheDir, say, ...(explicitPath && { explicitPath }) });
}

/** A dev server of its own, tuned as the sandbox's; in memory unless `dbPath` says where to keep the state. */
export async function startDevServer(
  options: { dbPath?: string; port?: number; dynamicConfig?: string[] } = {},
) {
  const binary = await findDevServer();
  for (let tries = 1; ; tries += 1) {
    try {
      return await startTemporalServer({ binary, port: await unusedPort(), ...options });
    } catch (error) {
      // Somebody else may have taken one of its ports meanwhile.
      if (tries === 3 || options.port !== undefined) throw error;
    }
  }
}

/** A port out of the system's own range: test files run at the same time and must not look for the same one. */
export async function unusedPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}
