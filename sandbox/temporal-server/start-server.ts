import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { CountersignError } from '../../src/platform/errors.js';
import { freePort } from '../ports.js';
import { endOrphan } from './end-orphan.js';

export interface ServerSettings {
  binary: string;
  /** File that keeps the server's state over a restart. @default memory */
  dbPath?: string;
  /** The next free port where this one is in use. @default 7233 */
  port?: number;
  /** The Web UI's port; without one there is no UI. */
  uiPort?: number;
  /** File for what the server says. */
  logPath?: string;
  /** File that keeps the server's process id, so that one that outlived a crash is ended before the next starts. */
  pidPath?: string;
  /** More of the server's dynamic configuration, `key=value` each. */
  dynamicConfig?: string[];
  /** Told which port was in use. */
  say?(line: string): void;
}

export interface TemporalServer {
  address: string;
  pid: number;
  /** Resolves when the process is gone, whoever ended it. */
  exited: Promise<void>;
  /** Ends it in peace. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>;
}

const DEFAULT_PORT = 7233;
const START_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 5_000;
const POLL_MS = 50;

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
  const { binary, dbPath, uiPort, logPath, pidPath, dynamicConfig = [], say = () => {} } = settings;
  if (pidPath) await endOrphan(pidPath, dbPath);
  const port = await freePort(settings.port ?? DEFAULT_PORT, 'Temporal', say, uiPort ? [uiPort] : []);
  const log = logPath ? openSync(logPath, 'w') : undefined;
  const child = spawn(
    binary,
    [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error'],
      ...(uiPort ? ['--ui-port', String(uiPort)] : ['--headless']),
      ...(dbPath ? ['--db-filename', dbPath, '--sqlite-pragma', 'journal_mode=WAL'] : []),
      ...[...TUNING, ...dynamicConfig].flatMap((value) => ['--dynamic-config-value', value]),
    ],
    // Its own process group: Ctrl-C in the terminal must not end it before the service has drained.
    { stdio: ['ignore', log ?? 'ignore', log ?? 'ignore'], detached: true },
  );
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  failed.catch(() => 'told by the start');
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  endWithUs(child, exited);
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
    await endChild(child, exited, signal);
    if (pidPath) rmSync(pidPath, { force: true });
  };
  return { address, pid: child.pid ?? 0, exited, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

async function answers(address: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_WITHIN_MS;
  for (;;) {
    // First, so that one that can't have its port is gone by the time another server there answers.
    await delay(POLL_MS);
    if (hasEnded(child)) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
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
    }
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function endChild(
  child: ChildProcess,
  exited: Promise<void>,
  signal: 'SIGTERM' | 'SIGKILL',
): Promise<void> {
  if (hasEnded(child)) return;
  child.kill(signal);
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await exited;
  clearTimeout(late);
}

/**
 * Ends the server when this process goes, even by kill -9: the pipe to the shell closes then. It has a process group of
 * its own and would stay behind. What has a database keeps its state.
 */
function endWithUs(server: ChildProcess, exited: Promise<void>): void {
  if (!server.pid) return;
  const watch = spawn('sh', ['-c', 'read -r _; kill "$0"', String(server.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watch.once('error', () => 'without a shell the pid file alone must do');
  watch.unref();
  (watch.stdin as Socket | null)?.unref();
  exited.then(() => watch.kill('SIGKILL'));
}
