import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { unusedPort } from '../temporal/temporal.js';
import { commandLine } from './built.js';

/** Body of `/readyz`. */
export interface Readiness {
  status: string;
  phase: string;
  role: string;
  leads?: boolean;
  parts: Record<string, { status?: string; reason?: string } & Record<string, unknown>>;
}

export type Replica = Awaited<ReturnType<typeof startReplica>>;

const READY_WITHIN_MS = 90_000;

/** Starts a role of the service in a process of its own, with a port for probes. */
export async function startReplica(role: 'all' | 'bot' | 'worker', cwd: string, env: Record<string, string>) {
  const port = await unusedPort();
  const child = spawn(process.execPath, commandLine('start', '--role', role), {
    cwd,
    env: { ...env, HEALTH_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  const exit = once(child, 'exit').then(([code]) => Number(code));
  const probe = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, body: (await response.json()) as Readiness };
  };
  return {
    role,
    exit,
    output: () => output,
    probe,
    /** Resolves when the process is ready. `status`: of the probes before that, in order, each once. */
    async ready(): Promise<{ statuses: number[] }> {
      const statuses: number[] = [];
      for (const giveUpAt = Date.now() + READY_WITHIN_MS; Date.now() < giveUpAt; await delay(50)) {
        if (child.exitCode !== null) break;
        const status = await probe('/readyz').then(
          (answer) => answer.status,
          () => 0,
        );
        if (status !== statuses.at(-1)) statuses.push(status);
        if (status === 200) return { statuses };
      }
      throw new Error(`The ${role} is not ready (${statuses}):\n${output}`);
    },
    leads: async (): Promise<boolean> => (await probe('/readyz').catch(() => undefined))?.body.leads === true,
    kill: () => void child.kill('SIGKILL'),
    terminate: () => void child.kill('SIGTERM'),
    async stop(): Promise<number> {
      child.kill('SIGTERM');
      return await exit;
    },
  };
}
