import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { CountersignError } from '../../core/errors.js';
import { freePort } from '../ports.js';
import { isRunning } from '../process.js';

export interface ServerSettings {
  binary: string;
  /** File that keeps the server's state over a restart. @default memory */
  dbPath?: string;
  /** @default any free port */
  port?: number;
  /** The Web UI's port; without one there is no UI. */
  uiPort?: number;
  /** File for what the server says. */
  logPath?: string;
  /** File that keeps the server's process id, so that one that outlived a crash is ended before the next starts. */
  pidPath?: string;
}

export interface TemporalServer {
  address: string;
  pid: number;
  /** Ends it in peace. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 5_000;

/**
 * The stock dev server adds about 50 ms to each workflow task, because it polls its one shard 20 times a second; with these
 * a half of a run went from 147 to 33 ms.
 */
const TUNING = [
  'history.transferProcessorMaxPollRPS=2000',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  'system.enableActivityEagerExecution=true',
  'system.enableEagerWorkflowStart=true',
];

/**
 * Starts `temporal server start-dev` on 127.0.0.1 and waits until it answers.
 *
 * @throws CountersignError with the server's last words when it doesn't come up.
 */
export async function startTemporalServer(settings: ServerSettings): Promise<TemporalServer> {
  const { binary, dbPath, uiPort, logPath, pidPath } = settings;
  if (pidPath) await endOrphan(pidPath);
  const port = settings.port ?? (await freePort(7233, 'Temporal', () => {}, uiPort ? [uiPort] : []));
  const log = logPath ? openSync(logPath, 'w') : undefined;
  const child = spawn(
    binary,
    [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
      ...(uiPort ? ['--ui-port', String(uiPort)] : ['--headless']),
      ...(dbPath ? ['--db-filename', dbPath, '--sqlite-pragma', 'journal_mode=WAL'] : []),
      ...TUNING.flatMap((value) => ['--dynamic-config-value', value]),
    ],
    // Its own process group: Ctrl-C in the terminal must not end it before the service has drained.
    { stdio: ['ignore', log ?? 'ignore', log ?? 'ignore'], detached: true },
  );
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  failed.catch(() => 'told by the start');
  if (pidPath && child.pid) writeFileSync(pidPath, String(child.pid));
  const address = `127.0.0.1:${port}`;
  try {
    await Promise.race([answers(address, child), failed]);
  } catch (error) {
    child.kill('SIGKILL');
    const words = logPath
      ? readFileSync(logPath, 'utf8').trim().split('\n').slice(-3).join(' ')
      : String(error);
    throw new CountersignError('TemporalServer', `Temporal's server did not start (${binary}): ${words}`, {
      cause: error,
    });
  } finally {
    if (log !== undefined) closeSync(log);
  }
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    await endChild(child, signal);
    if (pidPath) rmSync(pidPath, { force: true });
  };
  return { address, pid: child.pid ?? 0, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

async function answers(address: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_WITHIN_MS;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}`);
    try {
      const connection = await Connection.connect({ address, connectTimeout: '1 second' });
      try {
        await connection.workflowService.describeNamespace({ namespace: 'default' });
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(50);
    }
  }
}

async function endChild(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(late);
}

/** Ends the server that a crashed sandbox left behind: it holds the database. Only if the process really is one. */
async function endOrphan(pidPath: string): Promise<void> {
  if (!existsSync(pidPath)) return;
  const pid = Number(readFileSync(pidPath, 'utf8'));
  const isServer = () => isRunning(pid, /\bserver\b.*\bstart-dev\b/);
  if (pid > 0 && isServer()) {
    process.kill(pid, 'SIGTERM');
    const deadline = Date.now() + STOP_WITHIN_MS;
    while (isServer() && Date.now() < deadline) await delay(50);
    if (isServer()) process.kill(pid, 'SIGKILL');
  }
  rmSync(pidPath, { force: true });
}
