import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const START_WITHIN_MS = 150_000;
const NPM: SandboxCommand = { file: 'npm', args: ['run', 'sandbox', '--'], cwd: root };

/** Command that starts a sandbox, and where. */
export interface SandboxCommand extends Pick<SpawnOptions, 'cwd' | 'uid' | 'gid'> {
  file: string;
  args: string[];
}

/**
 * `npm run sandbox`, as a newcomer types it, in a folder and on a port of its own; `more` is what else is set. `onAddress` is called with the page's
 * address as soon as it is printed, which is before anything else is there. `command` starts another sandbox than that of this folder.
 */
export async function startSandbox(
  directory: string,
  port: number,
  more: NodeJS.ProcessEnv = {},
  { onAddress = () => {}, command = NPM }: { onAddress?(url: string): void; command?: SandboxCommand } = {},
) {
  const { ANTHROPIC_API_KEY: _, ...env } = process.env;
  const { file, args, ...place } = command;
  const child: ChildProcess = spawn(file, [...args, '--directory', directory, '--port', String(port)], {
    ...place,
    env: { ...env, ...more, CI: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += String(data)));
  const gone = once(child, 'exit');
  const deadline = Date.now() + START_WITHIN_MS;
  const address = () => /Countersign sandbox: (\S+)\s/.exec(output)?.[1] ?? '';
  let isPrinted = false;
  while (!output.includes('Ready.')) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`The sandbox did not start:\n${output}`);
    await delay(50);
    if (!isPrinted && address() !== '') {
      isPrinted = true;
      onAddress(address());
    }
  }
  const pid = Number(readFileSync(join(directory, 'sandbox.lock'), 'utf8'));
  return {
    url: address(),
    output: () => output,
    pid,
    /** The process id of Temporal's server. */
    temporalPid: () => Number(readFileSync(join(directory, 'temporal.pid'), 'utf8')),
    /** Ends it as Ctrl-C does. */
    async stop(): Promise<number> {
      process.kill(pid, 'SIGINT');
      const [code] = await gone;
      return Number(code);
    },
    /** Ends it as a crash does. */
    async crash(): Promise<void> {
      process.kill(pid, 'SIGKILL');
      await gone;
    },
  };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
