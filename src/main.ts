#!/usr/bin/env node
import { parseArgs } from 'node:util';
import type { OutsideHeads } from './cli/ledger.js';
import {
  loadEnvironment,
  readConfig,
  readVariable,
} from './config/environment.js';
import { CountersignError } from './errors.js';
import { createLog } from './log.js';

const USAGE = `countersign: durable AI agents that wait for a human in Slack

  countersign start              run against Slack, Temporal and Claude as the environment says
  countersign sandbox            run with all three embedded; nothing to set up
  countersign ledger show <run>  print a run's entries, one JSON object a line
  countersign ledger export [<run>] [--format jsonl|csv]   print the entries of all runs, or of one
  countersign ledger verify [<run>] [--head <entry>:<hash>] [--offline]   check the chains, and where they end by
                                 Temporal's memos or by what a finished card says; exits with 1 when one is broken
  countersign versions           list the versions of the service, and how many runs are on each
  countersign versions current <build>   send new runs to this one
  countersign doctor             check each setting and connection
`;

/** Time-out for the drain, in milliseconds. Temporal hands what is left to the next worker. */
const STOP_WITHIN_MS = 20_000;

async function main([command, ...rest]: string[]): Promise<void> {
  switch (command) {
    case 'start':
      return await start();
    case 'sandbox': {
      checkSandboxPackages();
      const { runSandbox } = await import('../sandbox/index.js');
      return await runSandbox(rest);
    }
    case 'ledger':
      return await ledgerCommand(rest);
    case 'versions':
      return await versionsCommand(rest);
    case 'doctor': {
      const { examine } = await import('./cli/doctor.js');
      process.exitCode = (await examine(loadEnvironment(), (line) => console.log(line))) ? 0 : 1;
      return;
    }
    case undefined:
    case 'help':
    case '--help':
      console.log(USAGE);
      return;
    default:
      throw new CountersignError('Usage', `There is no command "${command}".\n\n${USAGE}`);
  }
}

/** Packages that only the sandbox uses: dev dependencies, which a production installation leaves out. */
const SANDBOX_PACKAGES = ['@temporalio/testing', 'ws'];

function checkSandboxPackages(): void {
  try {
    for (const name of SANDBOX_PACKAGES) import.meta.resolve(name);
  } catch (cause) {
    const message =
      'The sandbox needs the dev dependencies, which are not installed. Run "npm install --include=dev" first.';
    throw new CountersignError('SandboxNotInstalled', message, { cause });
  }
}

async function start(): Promise<void> {
  const config = readConfig(loadEnvironment());
  const log = createLog(config.logLevel);
  const { startService } = await import('./service.js');
  const service = await startService(config, log);
  log.info(service.summary);
  process.send?.({ type: 'ready' });

  const stopAsked = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.once(signal, () => resolve(signal));
    // A service that another process started doesn't outlive that process.
    process.once('disconnect', () => resolve('disconnect'));
  });
  const reason = await Promise.race([stopAsked, service.failed]);
  log.info({ reason }, 'Stopping: what is in flight finishes or goes back to Temporal');
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  await service.stop();
  process.exit(0);
}

async function ledgerCommand(args: string[]): Promise<void> {
  const { verb, runId, format, head, offline } = readLedgerArguments(args);
  const env = loadEnvironment();
  const { openLedgerToRead } = await import('./ledger/index.js');
  const audit = await import('./cli/ledger.js');
  const ledger = await openLedgerToRead(readVariable(env, 'DATABASE_URL'));
  const say = (line: string) => console.log(line);
  try {
    if (verb === 'show' && runId) await audit.showRun(ledger, runId, say);
    else if (verb === 'export') await audit.exportRuns(ledger, { runId, format }, say);
    else {
      const verify = async (heads?: OutsideHeads) => {
        process.exitCode = (await audit.verifyRuns(ledger, { runId, heads }, say)) ? 0 : 1;
      };
      if (head !== undefined && runId) await verify({ listed: new Map([[runId, audit.headOf(head)]]) });
      else if (offline) await verify();
      else await withHeads(env, verify);
    }
  } finally {
    await ledger.close();
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
    const [verb = '', runId, ...more] = positionals;
    const knows = ['show', 'export', 'verify'].includes(verb) && more.length === 0;
    const needsRun = verb === 'show' || values.head !== undefined;
    if (!knows || (needsRun && !runId)) throw new Error('not a command');
    return { verb, runId, ...values };
  } catch {
    throw new CountersignError('Usage', USAGE);
  }
}

/** Gives `work` the ends of the chains by the runs' memos in Temporal. */
async function withHeads(env: NodeJS.ProcessEnv, work: (heads: OutsideHeads) => Promise<void>) {
  const { connectTemporal } = await import('./temporal/connection.js');
  const { headInHistory, listHeads } = await import('./temporal/heads.js');
  const temporal = await connectTemporal({ keys: readVariable(env, 'PAYLOAD_KEYS').keys });
  try {
    const listed = await listHeads(temporal.client);
    await work({ listed, exact: (runId) => headInHistory(temporal.client, runId) });
  } finally {
    await temporal.close();
  }
}

async function versionsCommand([verb, buildId]: string[]): Promise<void> {
  if (verb !== undefined && !(verb === 'current' && buildId)) throw new CountersignError('Usage', USAGE);
  const name = readVariable(loadEnvironment(), 'TEMPORAL_DEPLOYMENT_NAME');
  const { connectTemporal } = await import('./temporal/connection.js');
  const { createVersions } = await import('./temporal/versions.js');
  const temporal = await connectTemporal();
  try {
    const deployed = createVersions(temporal.client, name);
    if (buildId) await deployed.makeCurrent(buildId);
    const list = await deployed.list();
    if (list.length === 0) console.log(`Temporal knows no version of "${name}", and no run.`);
    for (const version of list) {
      const runs = `${version.runs} ${version.runs === 1 ? 'run' : 'runs'}`;
      console.log(`${version.current ? '*' : ' '} ${version.buildId ?? '(no version)'}  ${runs}`);
    }
  } finally {
    await temporal.close();
  }
}

/** Ends with one line that a person can act on; only a defect of ours shows a stack. */
function fail(error: unknown): never {
  const known = error instanceof CountersignError;
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(known ? error.message : `Countersign failed: ${stack}`);
  process.exit(1);
}

process.on('unhandledRejection', fail);
main(process.argv.slice(2)).catch(fail);
