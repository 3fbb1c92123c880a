#!/usr/bin/env node
import { parseArgs } from 'node:util';
import type { OutsideHeads } from './cli/ledger.js';
import { loadEnvironment, readConfig, readVariable } from './config/environment.js';
import { CountersignError, hideSecrets } from './platform/errors.js';
import { createLog } from './platform/log.js';
import { goThroughProxy } from './platform/proxy.js';
import type { Temporal } from './temporal/connection.js';
import type { PayloadHandling } from './temporal/payloads/storage.js';

const USAGE = `countersign: durable AI agents that wait for a human in Slack

  countersign start              run against Slack, Temporal and Claude as the environment says
  countersign sandbox            run with all three embedded; nothing to set up. --grid workspace|organization: in an
                                 organization on Enterprise Grid, with guests and a shared channel
  countersign ledger show <run>  print a run's entries, one JSON object a line
  countersign ledger export [<run>] [--format jsonl|csv]   print the entries of all runs, or of one
  countersign ledger verify [<run>] [--head <entry>:<hash>] [--offline]   check the chains, and where they end by
                                 Temporal's memos or by what a finished card says; exits with 1 when one is broken
  countersign mcp login <server> [--device | --client-credentials]   log in to an MCP server that wants OAuth: in a
                                 browser, with a code on any device, or with the client's own secret
  countersign mcp logout <server>   end that login
  countersign mcp list           list the MCP servers and their logins
  countersign versions           list the versions of the service, and how many runs are on each
  countersign versions current <build>   send new runs to this one
  countersign doctor             check each setting and connection
  countersign doctor --live <channel>   try in a channel of the real Slack what the service relies on, and delete what
                                 was posted; exits with 1 where something isn't so
`;

/** Time-out for the shutdown, in milliseconds. Temporal gives unfinished work to the next worker. */
const STOP_WITHIN_MS = 20_000;

/** Packages of the sandbox. They are dev dependencies, which a production installation leaves out. */
const SANDBOX_PACKAGES = ['@temporalio/testing', 'ws'];

const say = (line: string) => console.log(line);

const COMMANDS = new Map<string, (args: string[]) => Promise<void>>([
  ['start', start],
  ['sandbox', sandbox],
  ['ledger', ledger],
  ['mcp', mcp],
  ['versions', versions],
  ['doctor', doctor],
  ['help', async () => say(USAGE)],
  ['--help', async () => say(USAGE)],
]);

/** Reads the environment, and sends what follows through its proxy. */
function prepareEnvironment(): NodeJS.ProcessEnv {
  const env = loadEnvironment();
  goThroughProxy(env);
  return env;
}

async function start(): Promise<void> {
  const config = readConfig(prepareEnvironment());
  const log = createLog(config.logLevel);
  const { startService } = await import('./service.js');
  const service = await startService(config, log);
  log.info(service.summary);
  process.send?.({ type: 'ready' });

  const stopAsked = new Promise<string>((resolve) => {
    // A service that another process started must end with that process.
    for (const event of ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'])
      process.once(event, () => resolve(event));
  });
  const reason = await Promise.race([stopAsked, service.failed]);
  log.info({ reason }, 'Stopping: work in flight finishes or goes back to Temporal');
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  await service.stop();
  process.exit(0);
}

async function sandbox(args: string[]): Promise<void> {
  try {
    for (const name of SANDBOX_PACKAGES) import.meta.resolve(name);
  } catch (cause) {
    const message =
      'The sandbox needs the dev dependencies, which are not installed. Run "npm install --include=dev" first.';
    throw new CountersignError('SandboxNotInstalled', message, { cause });
  }
  const { runSandbox } = await import('../sandbox/index.js');
  await runSandbox(args);
}

async function doctor(args: string[]): Promise<void> {
  const [option, channel, ...more] = args;
  if (option === undefined) {
    const { examine } = await import('./cli/doctor.js');
    process.exitCode = (await examine(prepareEnvironment(), say)) ? 0 : 1;
  } else if (option === '--live' && channel && more.length === 0) {
    const { examineLive } = await import('./cli/live/examine.js');
    process.exitCode = (await examineLive(prepareEnvironment(), channel, say)) ? 0 : 1;
  } else throw new CountersignError('Usage', USAGE);
}

async function ledger(args: string[]): Promise<void> {
  const { verb, shortId, format, head, offline } = readLedgerArguments(args);
  const env = prepareEnvironment();
  const { openLedgerToRead } = await import('./ledger/index.js');
  const audit = await import('./cli/ledger.js');
  const opened = await openLedgerToRead(readVariable(env, 'DATABASE_URL'));
  const verify = async (heads?: OutsideHeads) => {
    process.exitCode = (await audit.verifyRuns(opened, { shortId, heads }, say)) ? 0 : 1;
  };
  try {
    if (verb === 'show' && shortId) await audit.showRun(opened, shortId, say);
    else if (verb === 'export') await audit.exportRuns(opened, { shortId, format }, say);
    else if (head !== undefined && shortId)
      await verify({ listed: new Map([[shortId, audit.headOf(head)]]) });
    else if (offline) await verify();
    else {
      const { headInHistory, listHeads } = await import('./temporal/heads.js');
      await withTemporal({ keys: readVariable(env, 'PAYLOAD_KEYS').keys }, async ({ strictClient: client }) =>
        verify({
          listed: await listHeads(client, new Set(await opened.runs())),
          exact: (id) => headInHistory(client, id),
        }),
      );
    }
  } finally {
    await opened.close();
  }
}

function readLedgerArguments(args: string[]) {
  const options = {
    format: { type: 'string', default: 'jsonl' },
    head: { type: 'string' },
    offline: { type: 'boolean', default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [verb = '', shortId, ...more] = positionals;
    const knows = ['show', 'export', 'verify'].includes(verb) && more.length === 0;
    const needsRun = verb === 'show' || values.head !== undefined;
    if (!knows || (needsRun && !shortId)) throw new Error('not a command');
    return { verb, shortId, ...values };
  } catch {
    throw new CountersignError('Usage', USAGE);
  }
}

async function mcp(args: string[]): Promise<void> {
  const { readMcpCommand, runMcp } = await import('./cli/mcp.js');
  const command = readMcpCommand(args);
  if (!command) throw new CountersignError('Usage', USAGE);
  await runMcp(command, prepareEnvironment(), { say, input: process.stdin });
}

async function versions([verb, buildId]: string[]): Promise<void> {
  if (verb !== undefined && !(verb === 'current' && buildId)) throw new CountersignError('Usage', USAGE);
  const name = readVariable(prepareEnvironment(), 'TEMPORAL_DEPLOYMENT_NAME');
  const { createVersions } = await import('./temporal/versions.js');
  await withTemporal({}, async ({ client }) => {
    const deployed = createVersions(client, name);
    if (buildId) await deployed.makeCurrent(buildId);
    const list = await deployed.list();
    if (list.length === 0) say(`Temporal knows no version of "${name}", and no run.`);
    for (const version of list) {
      const runs = `${version.runs} ${version.runs === 1 ? 'run' : 'runs'}`;
      say(`${version.current ? '*' : ' '} ${version.buildId ?? '(no version)'}  ${runs}`);
    }
  });
}

async function withTemporal(
  payloads: PayloadHandling,
  work: (temporal: Temporal) => Promise<void>,
): Promise<void> {
  const { connectTemporal } = await import('./temporal/connection.js');
  const temporal = await connectTemporal(payloads);
  try {
    await work(temporal);
  } finally {
    await temporal.close();
  }
}

async function main([command = 'help', ...args]: string[]): Promise<void> {
  const run = COMMANDS.get(command);
  if (!run) throw new CountersignError('Usage', `There is no command "${command}".\n\n${USAGE}`);
  await run(args);
}

/** Exits with a message for the operator. Only an unexpected error shows its stack. */
function fail(error: unknown): never {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(
    error instanceof CountersignError ? error.message : `Countersign failed: ${hideSecrets(stack)}`,
  );
  process.exit(1);
}

process.on('unhandledRejection', fail);
main(process.argv.slice(2)).catch(fail);
