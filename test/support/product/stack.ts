import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type SimulatedModel, startSimulatedModel } from '../../../sandbox/model/index.js';
import { registerAttributes } from '../../../sandbox/temporal-server/index.js';
import { startWorkspace, type Workspace, type WorkspaceOptions } from '../../../sandbox/workspace/index.js';
import { readConfig } from '../../../src/config/environment.js';
import { type LedgerEntry, openLedger } from '../../../src/ledger/index.js';
import { createLog } from '../../../src/platform/log.js';
import { type Service, startService } from '../../../src/service/index.js';
import { workflowIdOf } from '../../../src/temporal/ids.js';
import { assertVerbatim } from '../slack/verbatim.js';
import { connectClient, openNamespace, setNamespace } from '../temporal/namespaces.js';
import { startDevServer, unusedPort } from '../temporal/temporal.js';
import { bundleOnce } from '../temporal/workflow-bundle.js';
import { commandLine } from './built.js';

export type Stack = Awaited<ReturnType<typeof startStack>>;

bundleOnce();

export interface StackOptions {
  workspace?: WorkspaceOptions;
  env?: Record<string, string>;
  /** Prepares what `env` names, such as files. */
  prepare?(parts: { workspace: Workspace; model: SimulatedModel }): void;
  /** Slack sends by HTTP. @default by Socket Mode */
  http?: boolean;
  /** Starts a Temporal server that the tests may take away. @default a namespace of the shared server */
  ownTemporal?: boolean;
}

/** The whole product in this process: the real service against a real Temporal server, the local workspace and the simulated model. */
export async function startStack(options: StackOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  const server = { dbPath: join(folder, 'temporal.db'), port: await unusedPort() };
  let own = options.ownTemporal ? await startDevServer(server) : undefined;
  const place = own
    ? { address: own.address, namespace: 'default', close: async () => await own?.stop() }
    : await openNamespace();
  await registerAttributes(place);
  const model = await startSimulatedModel();
  const workspace = await startWorkspace({ rateLimits: false, ...options.workspace });
  options.prepare?.({ workspace, model });
  const port = String(await unusedPort());
  const eventsUrl = `http://127.0.0.1:${port}/slack/events`;
  if (options.http) workspace.setEventsUrl(eventsUrl);
  setNamespace(place);
  const { botToken, appToken, signingSecret } = workspace.credentials;
  const env: Record<string, string> & { DATABASE_URL: string } = {
    SLACK_BOT_TOKEN: botToken,
    ...(options.http ? { SLACK_SIGNING_SECRET: signingSecret, PORT: port } : { SLACK_APP_TOKEN: appToken }),
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
  const ownServer = () => {
    if (!own) throw new Error('This stack shares its Temporal server: ask for one with `ownTemporal`');
    return own;
  };
  return {
    model,
    workspace,
    /** Address to which Slack sends by HTTP. */
    eventsUrl,
    databaseUrl: env.DATABASE_URL,
    /** Environment of the service; a change holds from the next restart on. */
    env,
    folder,
    /** Takes Temporal's server away; returns what brings it back, with its state. */
    async killTemporal(): Promise<() => Promise<void>> {
      await ownServer().kill();
      return async () => {
        own = await startDevServer(server);
      };
    },
    /** Connects to the service's namespace. */
    connect: () => connectClient(place),
    namespace: place.namespace,
    /** Waits until a run is over, and not only its card done. */
    async ended(shortId: string): Promise<void> {
      const { client, close } = await connectClient(place);
      await client.workflow.getHandle(workflowIdOf(shortId)).result();
      await close();
    },
    /** Ends a run as an operator does, and says how Temporal has it then. */
    async terminate(shortId: string): Promise<{ closedAt: Date | undefined }> {
      const { client, close } = await connectClient(place);
      const handle = client.workflow.getHandle(workflowIdOf(shortId));
      await handle.terminate('by an operator');
      const { closeTime } = await handle.describe();
      await close();
      return { closedAt: closeTime };
    },
    /** Waits until the ledger has an entry of a run that is looked for. */
    async onRecord(shortId: string, isIt: (entry: LedgerEntry) => boolean): Promise<void> {
      const ledger = await openLedger(env.DATABASE_URL);
      while (!(await ledger.read(shortId)).some(isIt)) await delay(20);
      await ledger.close();
    },
    /** Runs the command line beside the service, as an operator does. */
    command(args: string[], own: NodeJS.ProcessEnv = {}) {
      const settings = { ...process.env, DATABASE_URL: env.DATABASE_URL, ...own };
      return spawnSync(process.execPath, commandLine(...args), { env: settings, encoding: 'utf8' });
    },
    /** Starts Temporal's server anew, with nothing in it. */
    async wipeTemporal(): Promise<void> {
      await ownServer().kill();
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${server.dbPath}${suffix}`, { force: true });
      own = await startDevServer(server);
    },
    /** Ends the service in peace and starts it again, with its settings read anew. */
    async restart(): Promise<void> {
      await service.stop();
      service = await start();
    },
    async stop(): Promise<void> {
      await service.stop();
      await Promise.all([workspace.close(), model.stop(), place.close()]);
      rmSync(folder, { recursive: true, force: true });
      assertVerbatim(workspace);
    },
  };
}
