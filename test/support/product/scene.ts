import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startSimulatedModel } from '../../../sandbox/model/index.js';
import type * as serviceProcess from '../../../sandbox/service-process.js';
import { registerAttributes } from '../../../sandbox/temporal-server/index.js';
import type * as command from '../../../sandbox/todo-server/command.js';
import type { Todo, TodoList } from '../../../sandbox/todo-server/todos.js';
import { WITH_DELAYED_EVENTS } from '../../../sandbox/workspace/delivery/events.js';
import { startWorkspace, type WorkspaceOptions } from '../../../sandbox/workspace/index.js';
import { startPostgres } from '../ledger/postgres.js';
import { shared } from '../shared.js';
import { connectClient } from '../temporal/namespaces.js';
import { startDevServer, unusedPort } from '../temporal/temporal.js';
import { importSandbox } from './built.js';
import { processes } from './processes.js';
import { serviceSettings } from './service-settings.js';

/** A process of the service, and its role. */
type Process = serviceProcess.ServiceProcess & { role: Role };

export type Scene = Awaited<ReturnType<typeof openScene>>;

export interface SceneOptions {
  say?: (line: string) => void;
  env?: Record<string, string>;
  /** How long an answer of the model takes, in milliseconds. */
  latencyMs?: number;
  /** The service gets the to-do list as an MCP server, whose changes take so long. */
  todos?: { delayMs: number };
  /** The policy file. */
  policy?: string;
  /** More of Temporal's dynamic configuration, `key=value` each. */
  dynamicConfig?: string[];
  /** The service and the to-do list start as they were built last, which is faster. @default where they were just built */
  built?: boolean;
  /** Role of each process of the service. @default one process with every role */
  roles?: readonly Role[];
  /** The ledger is in a PostgreSQL server of its own. Several processes need it. @default SQLite */
  postgres?: boolean;
  workspace?: WorkspaceOptions;
}

/** The value of `--role`. */
export type Role = 'all' | 'bot' | 'worker';

/** The product, in processes of its own, between a real Temporal server, the local workspace and the simulated model. */
export async function openScene({
  say = () => {},
  env = {},
  latencyMs = 0,
  todos,
  policy,
  dynamicConfig = [],
  built = shared.isBuilt,
  roles = ['all'],
  postgres = false,
  workspace: workspaceOptions = {},
}: SceneOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  const server = { dbPath: join(folder, 'temporal.db'), port: await unusedPort(), dynamicConfig };
  const list = join(folder, 'todos.json');
  const database = postgres ? await startPostgres() : undefined;
  const ledgerUrl = database?.url ?? `file:${join(folder, 'ledger.db')}`;
  const { todoServer } = await importSandbox<typeof command>('todo-server/command', { built });
  const { startServiceProcess } = await importSandbox<typeof serviceProcess>('service-process', { built });
  const files: Record<string, string> = {
    ...(todos && {
      MCP_CONFIG: write('mcp.json', JSON.stringify({ mcpServers: { todo: todoServer(list, todos) } })),
    }),
    ...(policy !== undefined && { POLICY_FILE: write('policy.yml', policy) }),
    TEMPORAL_CONFIG_FILE: write('temporal.toml', '[profile.default]\n'),
  };
  let temporal = await startDevServer(server);
  await registerAttributes(temporal);
  const model = await startSimulatedModel({ latencyMs });
  const workspace = await startWorkspace({
    rateLimits: false,
    eventRetries: WITH_DELAYED_EVENTS,
    ...workspaceOptions,
  });
  const settings = {
    ...serviceSettings({ workspace, model, temporal: { ...temporal, namespace: 'default' }, folder }),
    DATABASE_URL: ledgerUrl,
    LOG_LEVEL: 'error',
    ...files,
    ...env,
  };
  const nameOf = (role: Role, index: number) => (roles.length === 1 ? 'service' : `${role} ${index + 1}`);
  const services = roles.map((role, index) => startProcess(role, { name: nameOf(role, index) }));
  const [service] = services;
  if (!service) throw new Error('A scene needs a process of the service: give it a role');
  await Promise.all(services.map(({ ready }) => ready));
  return {
    workspace,
    model,
    /** The first process of the service. */
    service,
    /** All processes of the service, in the order of their roles. */
    services,
    /** Starts one more process of the service. `cli`: the command line of another version. */
    async start(role: Role, own: { name: string; cli?: string }): Promise<Process> {
      const started = startProcess(role, own);
      services.push(started);
      await started.ready;
      return started;
    },
    ledgerUrl,
    /** The to-dos on the list. */
    todos: (): Todo[] => (existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as TodoList).todos : []),
    /** The process ids of the to-do list's servers: one for each worker, or none while it is started again. */
    todoServers: (): number[] =>
      processes()
        .filter(({ command, pid }) => command.includes(list) && pid !== process.pid)
        .map(({ pid }) => pid),
    /** Temporal's server, `host:port`. */
    address: () => temporal.address,
    /** Takes Temporal's server away, as a crash does, and brings it back with its state. */
    async restartTemporal(awayMs = 0): Promise<void> {
      await temporal.kill();
      await delay(awayMs);
      temporal = await startDevServer(server);
    },
    /** Ends PostgreSQL's connections, as a fail-over does, and brings it back. False where the ledger is in SQLite. */
    async restartDatabase(): Promise<boolean> {
      await database?.restart();
      return database !== undefined;
    },
    connect: () => connectClient({ address: temporal.address, namespace: 'default' }),
    async close(): Promise<void> {
      await Promise.all(services.map((process) => process.stop()));
      await workspace.close();
      await model.stop();
      await temporal.kill();
      await database?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };

  function startProcess(role: Role, own: { name: string; cli?: string }): Process {
    const args = role === 'all' ? [] : ['--role', role];
    return { role, ...startServiceProcess({ cwd: folder, say, args, env: settings, ...own }) };
  }

  function write(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }
}
