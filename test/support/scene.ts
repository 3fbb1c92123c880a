import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { startSimulatedModel } from '../../src/sandbox/model/index.js';
import { startServiceProcess } from '../../src/sandbox/service-process.js';
import { startWorkspace } from '../../src/sandbox/workspace/index.js';
import { startDevServer, unusedPort } from './temporal.js';

export type Scene = Awaited<ReturnType<typeof openScene>>;

/** The product, in a process of its own, between a real Temporal server, the local workspace and the simulated model. */
export async function openScene({
  say = () => {},
  env = {},
  latencyMs = 0,
}: {
  say?: (line: string) => void;
  env?: Record<string, string>;
  latencyMs?: number;
} = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  const server = { dbPath: join(folder, 'temporal.db'), port: await unusedPort() };
  let temporal = await startDevServer(server);
  const model = await startSimulatedModel({ latencyMs });
  const workspace = await startWorkspace({ rateLimits: false });
  const config = join(folder, 'temporal.toml');
  writeFileSync(config, '[profile.default]\n');
  const service = startServiceProcess({
    cwd: folder,
    say,
    env: {
      PATH: process.env.PATH,
      SLACK_BOT_TOKEN: workspace.credentials.botToken,
      SLACK_APP_TOKEN: workspace.credentials.appToken,
      SLACK_API_URL: workspace.apiUrl,
      ANTHROPIC_API_KEY: model.apiKey,
      ANTHROPIC_BASE_URL: model.url,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_CONFIG_FILE: config,
      DATABASE_URL: `file:${join(folder, 'ledger.db')}`,
      LOG_LEVEL: 'error',
      ...env,
    },
  });
  await service.ready;
  return {
    workspace,
    model,
    service,
    /** Temporal's server, `host:port`. */
    address: () => temporal.address,
    /** Takes Temporal's server away, as a crash does, and brings it back with its state. */
    async restartTemporal(awayMs = 0): Promise<void> {
      await temporal.kill();
      await delay(awayMs);
      temporal = await startDevServer(server);
    },
    async connect(): Promise<{ client: Client; close(): Promise<void> }> {
      const connection = await Connection.connect({ address: temporal.address });
      return { client: new Client({ connection }), close: () => connection.close() };
    },
    async close(): Promise<void> {
      await service.stop();
      await workspace.close();
      await model.stop();
      await temporal.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
