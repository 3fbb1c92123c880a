import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { findServer, startTemporalServer } from '../../../sandbox/temporal-server/index.js';
import { connectTemporal, type Temporal } from '../../../src/temporal/connection.js';

const cacheDir = fileURLToPath(new URL('../../../.cache/temporal', import.meta.url));
const say = (line: string) => console.error(line);

/** The time-skipping test server: three days pass in a moment. */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const { TEMPORAL_TEST_SERVER_PATH: explicitPath } = process.env;
  const path = await findServer('time-skipping', { cacheDir, say, ...(explicitPath && { explicitPath }) });
  return await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
}

export async function findDevServer(): Promise<string> {
  const { TEMPORAL_CLI_PATH: explicitPath } = process.env;
  return await findServer('dev', { cacheDir, say, ...(explicitPath && { explicitPath }) });
}

/** A dev server of its own, tuned as the sandbox's; in memory unless `dbPath` says where to keep the state. */
export async function startDevServer(
  options: { dbPath?: string; port?: number; dynamicConfig?: string[] } = {},
) {
  return await startTemporalServer({ binary: await findDevServer(), port: await unusedPort(), ...options });
}

/** A dev server for the tests of a suite or file, with a connection as the service makes it. Its fields are there once the tests begin. */
export function devServerForTests(): { readonly address: string; readonly temporal: Temporal } {
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
  return {
    get address() {
      return server.address;
    },
    get temporal() {
      return temporal;
    },
  };
}

/** A port out of the system's own range: test files run at the same time and must not look for the same one. */
export async function unusedPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}
