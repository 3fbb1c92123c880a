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
  /** Kills the service like a crash; it is then restarted. */
  crash(): void;
  stop(): Promise<void>;
}

/** Runs `countersign start` in its own process, and restarts it after a crash. */
export function startServiceProcess(settings: {
  cwd: string;
  env: NodeJS.ProcessEnv;
  say(line: string): void;
}): ServiceProcess {
  const { cwd, env, say } = settings;
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const cli = fileURLToPath(new URL(`../src/main.${extension}`, import.meta.url));
  // Tests and drills run from sources. The loader is resolved here, because the service's folder may not have it.
  const execArgv = extension === 'ts' ? ['--import', import.meta.resolve('tsx')] : [];
  let child: ChildProcess | undefined;
  let stopping = false;
  let started = false;
  let crashes = 0;
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
    child = fork(cli, ['start'], {
      cwd,
      env,
      execArgv,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child.on('message', () => {
      started = true;
      isReady();
      setTimeout(() => {
        crashes = 0;
      }, 30_000).unref();
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        lastWords = line;
        say(`service | ${readable(line)}`);
      });
    }
    child.once('exit', (code, signal) => {
      if (stopping) return;
      if (!started) {
        isGone(new CountersignError('ServiceFailed', `The service could not start. ${lastWords}`));
        return;
      }
      const waitMs = Math.min(RESTART_MS * 2 ** crashes, RESTART_MAX_MS);
      crashes += 1;
      say(`The service ended (${signal ?? `exit code ${code}`}); it starts again.`);
      setTimeout(run, waitMs);
    });
  };
  run();

  return {
    ready: Promise.race([ready, gone]),
    gone,
    pid: () => child?.pid ?? 0,
    crash() {
      child?.kill('SIGKILL');
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
