import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { findServer, startTemporalServer } from '../../src/sandbox/temporal-server/index.js';

const cacheDir = fileURLToPath(new URL('../../.cache/temporal', import.meta.url));
const say = (line: string) => console.error(line);

/** The time-skipping test server: three days pass in a moment. */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const { TEMPORAL_TEST_SERVER_PATH: explicitPath } = process.env;
  const path = await findServer('time-skipping', { cacheDir, say, ...(explicitPath && { explicitPath }) });
  return await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
}

/** A dev server of its own, tuned as the sandbox's; in memory unless `dbPath` says where to keep the state. */
export async function startDevServer(options: { dbPath?: string; port?: number } = {}) {
  const { TEMPORAL_CLI_PATH: explicitPath } = process.env;
  const binary = await findServer('dev', { cacheDir, say, ...(explicitPath && { explicitPath }) });
  return await startTemporalServer({ binary, ...options });
}
