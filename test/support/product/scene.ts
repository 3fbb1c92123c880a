import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startSimulatedModel } from '../../../sandbox/model/index.js';
import type * as service from '../../../sandbox/service-process.js';
import type * as command from '../../../sandbox/todo-server/command.js';
import type { Todo, TodoList } from '../../../sandbox/todo-server/todos.js';
import { WITH_DELAYED_EVENTS } from '../../../sandbox/workspace/delivery/events.js';
import { startWorkspace } from '../../../sandbox/workspace/index.js';
import { shared } from '../shared.js';
import { connectClient } from '../temporal/namespaces.js';
import { startDevServer, unusedPort } from '../temporal/temporal.js';
import { importSandbox } from './built.js';
import { processes } from './processes.js';
import { serviceSettings } from './service-settings.js';

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
}

/** The product, in a process of its own, between a real Temporal server, the local workspace and the simulated model. */
export async function openScene({
  say = () => {},
  env = {},
  latencyMs = 0,
  todos,
  policy,
  dynamicConfig = [],
  built = shared.isBuilt,
}: SceneOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  const server = { dbPath: join(folder, 'temporal.db'), port: await unusedPort(), dynamicConfig };
  const list = join(folder, 'todos.json');
  const ledgerUrl = `file:${join(folder, 'ledger.db')}`;
  const { todoServer } = await importSandbox<typeof command>('todo-server/command', { built });
  const { startServiceProcess } = await importSandbox<typeof service>('service-process', { built });
  const files: Record<string, string> = {
    ...(todos && {
      MCP_CONFIG: write('mcp.json', JSON.stringify({ mcpServers: { todo: todoServer(list, todos) } })),
    }),
    ...(policy !== undefined && { POLICY_FILE: write('policy.yml', policy) }),
    TEMPORAL_CONFIG_FILE: write('temporal.toml', '[profile.default]\n'),
  };
  let temporal = await startDevServer(server);
  const model = await startSimulatedModel({ latencyMs });
  const workspace = await startWorkspace({ rateLimits: false, eventRetries: WITH_DELAYED_EVENTS });
  const product = startServiceProcess({
    cwd: folder,
    say,
    env: {
      ...serviceSettings({ workspace, model, temporal: { ...temporal, namespace: 'default' }, folder }),
      LOG_LEVEL: 'error',
      ...files,
      ...env,
    },
  });
  await product.ready;
  return {
    workspace,
    model,
    service: product,
    ledgerUrl,
    /** The to-dos on the list. */
    todos: (): Todo[] => (existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as TodoList).todos : []),
    /** The process ids of the to-do list's servers: one, or none while it is started again. */
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
    connect: () => connectClient({ address: temporal.address, namespace: 'default' }),
    async close(): Promise<void> {
      await product.stop();
      await workspace.close();
      await model.stop();
      await temporal.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };

  function write(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }
}
