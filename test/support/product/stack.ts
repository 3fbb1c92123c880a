import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulatedModel } from '../../../sandbox/model/index.js';
import { startWorkspace, type WorkspaceOptions } from '../../../sandbox/workspace/index.js';
import { readConfig } from '../../../src/config/environment.js';
import { createLog } from '../../../src/platform/log.js';
import { type Service, startService } from '../../../src/service.js';
import { startDevServer, unusedPort } from '../temporal/temporal.js';

export type Stack = Awaited<ReturnType<typeof startStack>>;

/** The whole product in this process: the real service against a real Temporal server, the local workspace and the simulated model. */
export async function startStack(
  options: { workspace?: WorkspaceOptions; env?: Record<string, string>; http?: { port: number } } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  const server = { dbPath: join(folder, 'temporal.db'), port: await unusedPort() };
  let temporal = await startDevServer(server);
  const model = await startSimulatedModel();
  const workspace = await startWorkspace({ rateLimits: false, ...options.workspace });
  if (options.http) workspace.setEventsUrl(`http://127.0.0.1:${options.http.port}/slack/events`);
  process.env.TEMPORAL_ADDRESS = temporal.address;
  const { botToken, appToken, signingSecret } = workspace.credentials;
  const env: Record<string, string> & { DATABASE_URL: string } = {
    SLACK_BOT_TOKEN: botToken,
    ...(options.http
      ? { SLACK_SIGNING_SECRET: signingSecret, PORT: String(options.http.port) }
      : { SLACK_APP_TOKEN: appToken }),
    SLACK_API_URL: workspace.apiUrl,
    ANTHROPIC_API_KEY: model.apiKey,
    ANTHROPIC_BASE_URL: model.url,
    DATABASE_URL: `file:${join(folder, 'ledger.db')}`,
    POLICY_FILE: '',
    ...options.env,
  };
  const log = createLog(process.env.LOG_LEVEL ?? 'silent');
  const start = (): Promise<Service> => startService(readConfig(env), log);
  let service = await start();
  return {
    model,
    workspace,
    databaseUrl: env.DATABASE_URL,
    /** What it is started with; a change holds from the next restart on. */
    env,
    folder,
    /** Takes Temporal's server away; returns what brings it back, with its state. */
    async killTemporal(): Promise<() => Promise<void>> {
      await temporal.kill();
      return async () => {
        temporal = await startDevServer(server);
      };
    },
    /** Temporal's server, `host:port`. */
    address: () => temporal.address,
    /** Starts Temporal's server anew, with nothing in it. */
    async wipeTemporal(): Promise<void> {
      await temporal.kill();
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${server.dbPath}${suffix}`, { force: true });
      temporal = await startDevServer(server);
    },
    /** Ends the service in peace and starts it again, with its settings read anew. */
    async restart(): Promise<void> {
      await service.stop();
      service = await start();
    },
    async stop(): Promise<void> {
      await service.stop();
      await workspace.close();
      await model.stop();
      await temporal.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
