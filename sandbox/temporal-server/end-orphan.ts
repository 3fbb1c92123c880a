import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning } from '../process.js';

const STOP_WITHIN_MS = 5_000;
const POLL_MS = 50;

/**
 * Ends a server that a crashed sandbox left behind, because it locks the database. The process must be a dev server on this database:
 * after a crash another process may have the id.
 */
export async function endOrphan(pidPath: string, dbPath = ''): Promise<void> {
  if (!existsSync(pidPath)) return;
  const pid = Number(readFileSync(pidPath, 'utf8'));
  const command = new RegExp(`\\bserver start-dev\\b.*${dbPath.replace(/[^\w]/g, '\\$&')}`);
  const isServer = () => pid > 0 && isRunning(pid, command);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isServer()) break;
    process.kill(pid, signal);
    const deadline = Date.now() + STOP_WITHIN_MS;
    while (isServer() && Date.now() < deadline) await delay(POLL_MS);
  }
  rmSync(pidPath, { force: true });
}
