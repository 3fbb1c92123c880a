import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CountersignError } from '../src/platform/errors.js';

/** Delay before a crashed service is restarted, in milliseconds. It grows with repeated crashes. */
const RESTART_MS = 300;
const RESTART_MAX_MS = 5_000;
const STOP_WITHIN_MS = 15_000;

export interface ServiceProcess {
  /** Resolves when the service first runs. */
  ready: Promise<void>;
  /** Rejects when the service can't start. */
  gone: Promise<never>;
  /** Current process id of the service. */
  pid(): number;
  /** Time since the service said that it runs, in milliseconds; 0 while it is away. */
  uptimeMs(): number;
  /** Duration of the last start, in milliseconds. */
  startMs(): number;
  /** Kills the service like a crash; it is then restarted. */
  crash(): void;
  /** Ends the service like a deploy, by SIGTERM; it is then restarted. */
  restart(): void;
  stop(): Promise<void>;
}

interface Settings {
  cwd: string;
  env: NodeJS.ProcessEnv;
  say(line: string): void;
  /** Name of the process in what it says. @default 'service' */
  name?: string;
  /** Options of `countersign start`. @default none */
  args?: string[];
  /** File of the command line. @default this package's */
  cli?: string;
}

/** Runs `countersign start` in its own process, and restarts it after a crash. */
export function startServiceProcess(settings: Settings): ServiceProcess {
  const { cwd, env, say, name = 'service', args = [] } = settings;
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const cli = settings.cli ?? fileURLToPath(new URL(`../src/main.${extension}`, import.meta.url));
  // Tests and drills run from sources. The loader is resolved here, because the service's folder may not have it.
  const execArgv = extension === 'ts' ? ['--import', import.meta.resolve('tsx')] : [];
  let child: ChildProcess | undefined;
  let stopping = false;
  let started = false;
  let crashes = 0;
  let spawnedAt = 0;
  let upSince: number | undefined;
  let startMs = 0;
  let isReady: () => void = () => {};
  let isGone: (error: Error) => void = () => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const gone = new Promise<never>((_, reject) => {
    isGone = reject;
  });
  gone.catch(() => 'whoever waits for the service hears of it');

  const run = () => {
    if (stopping) return;
    let lastWords = '';
    // The service has its own process group, so that Ctrl-C reaches only the sandbox, which stops the parts in order.
    spawnedAt = Date.now();
    child = fork(cli, ['start', ...args], {
      cwd,
      env,
      execArgv,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child.on('message', () => {
      started = true;
      upSince = Date.now();
      startMs = upSince - spawnedAt;
      isReady();
      setTimeout(() => {
        crashes = 0;
      }, 30_000).unref();
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        lastWords = line;
        say(`${name} | ${readable(line)}`);
      });
    }
    child.once('exit', (code, signal) => {
      upSince = undefined;
      if (stopping) return;
      if (!started) {
        isGone(new CountersignError('ServiceFailed', `The ${name} could not start. ${lastWords}`));
        return;
      }
      const waitMs = Math.min(RESTART_MS * 2 ** crashes, RESTART_MAX_MS);
      crashes += 1;
      say(`The ${name} ended (${signal ?? `exit code ${code}`}); it starts again.`);
      setTimeout(run, waitMs);
    });
  };
  run();

  return {
    ready: Promise.race([ready, gone]),
    gone,
    pid: () => child?.pid ?? 0,
    uptimeMs: () => (upSince === undefined ? 0 : Date.now() - upSince),
    startMs: () => startMs,
    crash() {
      child?.kill('SIGKILL');
    },
    restart() {
      child?.kill('SIGTERM');
    },
    async stop() {
      stopping = true;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child?.once('exit', resolve));
      child.kill('SIGTERM');
      const late = setTimeout(() => child?.kill('SIGKILL'), STOP_WITHIN_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Formats a log line for people; other lines stay unchanged. */
function readable(line: string): string {
  try {
    const { msg, err, level: _level, time: _time, ...fields } = JSON.parse(line) as Record<string, unknown>;
    const cause = (err as { message?: string } | undefined)?.message;
    const rest = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : '';
    return [msg, cause && `: ${cause}`, rest].filter(Boolean).join('');
  } catch {
    return line;
  }
}
