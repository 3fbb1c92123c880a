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
  /** File for the server's state; kept over a restart. @default memory */
  dbPath?: string;
  /** Port; if it is in use, the next free one. @default 7233 */
  port?: number;
  /** Port of the Web UI; unset: no UI. */
  uiPort?: number;
  /** File for the server's output. */
  logPath?: string;
  /** File for the server's process id. A server that outlived a crash is ended before the next start. */
  pidPath?: string;
  /** Further dynamic configuration of the server, each `key=value`. */
  dynamicConfig?: string[];
  /** Called with a line about a port that was in use. */
  say?(line: string): void;
}

export interface TemporalServer {
  address: string;
  pid: number;
  /** Resolves when the process has ended, for any reason. */
  exited: Promise<void>;
  /** Ends the server gracefully. */
  stop(): Promise<void>;
  /** Kills the server, like a crash. */
  kill(): Promise<void>;
}

const DEFAULT_PORT = 7233;
const START_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 5_000;
const POLL_MS = 50;

/**
 * The default dev server polls its one shard 20 times a second, which adds about 50 ms to each workflow task. With these values half of a
 * run took 33 ms instead of 147 ms.
 */
const TUNING = [
  'history.transferProcessorMaxPollRPS=2000',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  'system.enableActivityEagerExecution=true',
  'system.enableEagerWorkflowStart=true',
];

/**
 * Starts `temporal server start-dev` on 127.0.0.1, and waits until it answers.
 *
 * @throws CountersignError with the server's last output when it doesn't start.
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
    // The server has its own process group, so that Ctrl-C doesn't end it before the service has drained.
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
    // The pause comes first: a server without its port ends before another server on that port could answer.
    await delay(POLL_MS);
    if (hasEnded(child)) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    try {
      const connection = await Connection.connect({ address, connectTimeout: '5 seconds' });
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
 * Ends the server when this process ends, even by kill -9: a shell waits on a pipe that closes then. The server's own process group would
 * keep it alive otherwise. A server with a database keeps its state.
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
