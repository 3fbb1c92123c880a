import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadEnvironment } from '../src/config/environment.js';
import { valueIn } from '../src/config/value.js';
import { CountersignError } from '../src/platform/errors.js';
import { packageFile } from '../src/platform/package-file.js';
import { openInBrowser } from './browser.js';
import { GOALS } from './goals.js';
import { takeLock } from './lock.js';
import { type ModelFault, type SimulatedModel, startSimulatedModel } from './model/index.js';
import { freePort } from './ports.js';
import { type ServiceProcess, startServiceProcess } from './service-process.js';
import { findServer, registerAttributes, startTemporalServer } from './temporal-server/index.js';
import { todoServer } from './todo-server/command.js';
import { slowNextChange } from './todo-server/slow-change.js';
import { WITH_DELAYED_EVENTS } from './workspace/delivery/events.js';
import type { GridOptions } from './workspace/grid.js';
import { startWorkspace } from './workspace/index.js';

const DEFAULT_PAGE_PORT = 4180;
/** Duration of an answer of the simulated model, in milliseconds. People should see the states in between. */
const MODEL_LATENCY_MS = 600;
/** Duration of a change of the to-do list, in milliseconds. People should have time to crash the service during one. */
const TOOL_LATENCY_MS = 3_000;
/** Duration of a slow change, which people ask for on the page, in milliseconds. */
const SLOW_TOOL_MS = 12_000;

/** The model's fault that people ask for on the page: a run whose plan can't be written offers Retry. */
const REFUSED_PLAN: ModelFault = {
  kind: 'error',
  status: 400,
  match: 'plan',
  message: 'This failure was asked for in the sandbox. The next request is answered again.',
};

/** A running part. Parts stop in reverse order of their start. */
interface Part {
  stop(): Promise<unknown>;
}

/**
 * Runs the service with all it needs: Temporal's dev server, a local Slack workspace and, without `ANTHROPIC_API_KEY`, a simulated model.
 * Resolves after the stop.
 */
export async function runSandbox(options: SandboxOptions): Promise<void> {
  const { directory, pagePort, grid } = readOptions(options);
  const env = loadEnvironment();
  exemptThisMachine(env);
  mkdirSync(directory, { recursive: true });
  const say = (line: string) => console.log(line);
  const unlock = takeLock(join(directory, 'sandbox.lock'));
  const stopAsked = whenStopAsked();
  const parts: Part[] = [];
  try {
    await Promise.race([start({ directory, pagePort, grid, env, say, parts, stopAsked }), stopAsked]);
    await stopAsked;
  } finally {
    say('Stopping…');
    for (const part of parts.reverse()) await part.stop();
    unlock();
    say('Stopped. The next start continues from here.');
  }
}

interface Sandbox {
  directory: string;
  pagePort: number;
  grid: GridOptions | undefined;
  env: NodeJS.ProcessEnv;
  say(line: string): void;
  parts: Part[];
  stopAsked: Promise<string>;
}

async function start({ directory, pagePort, grid, env, say, parts, stopAsked }: Sandbox): Promise<void> {
  const ports = { page: pagePort, ui: pagePort + 1 };
  ports.page = await freePort(ports.page, 'The page', say);
  ports.ui = await freePort(ports.ui, "Temporal's Web UI", say, [ports.page]);
  const real = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'].some((name) => valueIn(env, name));
  const todoFile = join(directory, 'todos.json');
  const uiUrl = `http://127.0.0.1:${ports.ui}`;

  let service: ServiceProcess | undefined;
  let model: SimulatedModel | undefined;
  const workspace = await startWorkspace({
    port: ports.page,
    statePath: join(directory, 'workspace.jsonl'),
    pageDir: fileURLToPath(new URL('page', import.meta.url)),
    ...(grid && { grid }),
    manifest: readFileSync(packageFile('manifest.yml'), 'utf8'),
    notices: {
      model: real ? 'claude' : 'simulated',
      temporalUrl: uiUrl,
      tools: env.MCP_CONFIG ? [] : ['a to-do list', 'fetch_url', 'ask_person'],
    },
    suggestedGoals: GOALS,
    eventRetries: WITH_DELAYED_EVENTS,
    waitsForApp: true,
    onCrash: () => service?.crash(),
    ...(!real && { onFailModel: () => model?.faults.inject(REFUSED_PLAN) }),
    ...(!env.MCP_CONFIG && { onSlowCall: () => slowNextChange(todoFile, SLOW_TOOL_MS) }),
  });
  parts.push({ stop: () => workspace.close() });
  say(`\n  Countersign sandbox: ${workspace.url}\n`);
  openInBrowser(workspace.url);

  model = real ? undefined : await startSimulatedModel({ latencyMs: MODEL_LATENCY_MS });
  if (model) parts.push(model);
  say(
    model
      ? 'Model: simulated (set ANTHROPIC_API_KEY for the real Claude)'
      : 'Model: Claude, with your API key',
  );

  const binary = await findServer('dev', {
    ...(env.TEMPORAL_CLI_PATH && { explicitPath: env.TEMPORAL_CLI_PATH }),
    cacheDir: resolve('.cache/temporal'),
    say,
  });
  const startTemporal = () =>
    startTemporalServer({
      binary,
      dbPath: join(directory, 'temporal.db'),
      uiPort: ports.ui,
      // Sandboxes on ports of their own can start at once.
      ...(pagePort !== DEFAULT_PAGE_PORT && { port: ports.ui + 1 }),
      logPath: join(directory, 'temporal.log'),
      pidPath: join(directory, 'temporal.pid'),
      say,
    });
  // Another sandbox that starts at the same moment may have taken the same free port.
  const temporal = await startTemporal().catch(startTemporal);
  parts.push(temporal);
  await registerAttributes(temporal);
  say(`Temporal: ${temporal.address}, Web UI ${uiUrl}`);

  const mcpConfig = join(directory, 'mcp.json');
  writeFileSync(
    mcpConfig,
    JSON.stringify({
      mcpServers: { todo: todoServer(todoFile, { delayMs: TOOL_LATENCY_MS }) },
    }),
  );
  const config = join(directory, 'temporal.toml');
  // This profile keeps the user's own settings away, and `countersign ledger verify --sandbox` finds the server by it.
  writeFileSync(config, `[profile.default]\naddress = "${temporal.address}"\nnamespace = "default"\n`);
  service = startServiceProcess({
    cwd: directory,
    say,
    env: {
      ...withoutSettings(env),
      SLACK_BOT_TOKEN: workspace.credentials.botToken,
      SLACK_APP_TOKEN: workspace.credentials.appToken,
      SLACK_API_URL: workspace.apiUrl,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: 'default',
      TEMPORAL_CONFIG_FILE: config,
      // A service of the user's own may use the same server, and must not take this one's work.
      TEMPORAL_TASK_QUEUE: 'countersign-sandbox',
      POLICY_FILE: env.POLICY_FILE
        ? resolve(env.POLICY_FILE)
        : fileURLToPath(new URL('policy.yml', import.meta.url)),
      MCP_CONFIG: env.MCP_CONFIG ? resolve(env.MCP_CONFIG) : mcpConfig,
      DATABASE_URL: `file:${join(directory, 'ledger.db')}`,
      LOG_LEVEL: env.LOG_LEVEL || 'warn',
      // People at a terminal wait for a stop.
      SHUTDOWN_GRACE_SECONDS: '12',
      ...(model && { ANTHROPIC_API_KEY: model.apiKey, ANTHROPIC_BASE_URL: model.url, ANTHROPIC_MODEL: '' }),
    },
  });
  parts.push(service);
  await Promise.race([service.ready, stopAsked]);
  say(`Ready. Open ${workspace.url} and type a goal; Ctrl-C stops the sandbox.`);
  const temporalGone = temporal.exited.then(() => {
    throw new CountersignError(
      'TemporalGone',
      `Temporal's server ended by itself; ${directory}/temporal.log may say why.`,
    );
  });
  await Promise.race([service.gone, temporalGone, stopAsked]);
}

/** Removes the variables for a real Slack, a real Temporal, and a person's ledger. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) =>
      !/^(SLACK|TEMPORAL)_|^(APPROVAL_CHANNEL|DATABASE_URL(_FILE)?|HEALTH_PORT|LEDGER_RETENTION|MCP_CONFIG|OTEL_EXPORTER_PROMETHEUS_PORT|PORT)$/.test(
        name,
      ),
  );
  return Object.fromEntries(kept);
}

/** Keeps connections within this machine away from a proxy, those of the service too. */
function exemptThisMachine(env: NodeJS.ProcessEnv): void {
  const exempt = [env.no_proxy || env.NO_PROXY, 'localhost', '127.0.0.1'].filter(Boolean).join(',');
  Object.assign(env, { no_proxy: exempt, NO_PROXY: exempt });
}

/** Options of `countersign sandbox`, as they were typed. */
export interface SandboxOptions {
  directory?: string;
  port?: string;
  grid?: string;
}

function readOptions(values: SandboxOptions): Pick<Sandbox, 'directory' | 'pagePort' | 'grid'> {
  const pagePort = Number(values.port ?? DEFAULT_PAGE_PORT);
  if (!Number.isInteger(pagePort) || pagePort < 1 || pagePort > 65_535) {
    throw new CountersignError(
      'Usage',
      `--port: "${values.port}" is not a port. Use a number from 1 to 65535.`,
    );
  }
  const { grid } = values;
  if (grid !== undefined && grid !== 'workspace' && grid !== 'organization') {
    const remedy = 'Use --grid workspace or --grid organization: where the app is installed.';
    throw new CountersignError('Usage', `--grid: "${grid}" is neither. ${remedy}`);
  }
  return {
    directory: resolve(values.directory ?? (grid ? `data/sandbox-${grid}` : 'data/sandbox')),
    pagePort,
    grid: grid && { isOrgWide: grid === 'organization' },
  };
}

/** Resolves at Ctrl-C and similar signals, or when the parent npm ends. A second Ctrl-C exits at once. */
function whenStopAsked(): Promise<string> {
  return new Promise((ask) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        ask(signal);
        process.once(signal, () => process.exit(130));
      });
    }
    if (process.env.npm_lifecycle_event === 'sandbox') {
      const parent = process.ppid;
      setInterval(() => process.ppid !== parent && ask('npm is gone'), 1000).unref();
    }
  });
}
