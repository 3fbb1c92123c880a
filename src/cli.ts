#!/usr/bin/env node
import { databaseUrl, deploymentName, loadEnvironment, logLevel, readConfig } from './config.js';
import { CountersignError } from './core/errors.js';
import { createLog } from './log.js';

const USAGE = `countersign: durable AI agents that wait for a human in Slack

  countersign start              run against Slack, Temporal and Claude as the environment says
  countersign sandbox            run with all three embedded; nothing to set up
  countersign ledger show <run>  print a run's checkpoints, one JSON object a line
  countersign versions           list the versions of the service, and how many runs are on each
  countersign versions current <build>   send new runs to this one
  countersign doctor             check each setting and connection
`;

/** A drain that takes longer than this is given up; Temporal hands the work to the next worker. */
const STOP_WITHIN_MS = 20_000;

async function main([command, ...rest]: string[]): Promise<void> {
  switch (command) {
    case 'start':
      return await start();
    case 'sandbox': {
      const { runSandbox } = await import('./sandbox/index.js');
      return await runSandbox(rest);
    }
    case 'ledger':
      return await showRun(rest);
    case 'versions':
      return await versions(rest);
    case 'doctor': {
      const { examine } = await import('./doctor.js');
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

async function start(): Promise<void> {
  const env = loadEnvironment();
  const config = readConfig(env);
  const log = createLog(logLevel(env));
  const { startService } = await import('./service.js');
  const service = await startService(config, log);
  log.info(service.summary);
  process.send?.({ type: 'ready' });

  const asked = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.once(signal, () => resolve(signal));
    // Started by another process, it doesn't outlive it.
    process.once('disconnect', () => resolve('disconnect'));
  });
  const reason = await Promise.race([asked, service.failed]);
  log.info({ reason }, 'Stopping: what is in flight finishes or goes back to Temporal');
  setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
  await service.stop();
  process.exit(0);
}

async function showRun([verb, runId]: string[]): Promise<void> {
  if (verb !== 'show' || !runId) throw new CountersignError('Usage', USAGE);
  const { openLedger } = await import('./ledger/index.js');
  const ledger = await openLedger(databaseUrl(loadEnvironment()));
  const entries = await ledger.read(runId);
  await ledger.close();
  if (entries.length === 0) throw new CountersignError('UnknownRun', `The ledger knows no run "${runId}".`);
  for (const entry of entries) console.log(JSON.stringify(entry));
}

async function versions([verb, buildId]: string[]): Promise<void> {
  if (verb !== undefined && !(verb === 'current' && buildId)) throw new CountersignError('Usage', USAGE);
  const name = deploymentName(loadEnvironment());
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
