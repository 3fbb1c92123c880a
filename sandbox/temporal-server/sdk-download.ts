import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerKind } from './find-server.js';

/** Time without progress after which a download is aborted, in milliseconds. A closed network may drop it without an error. */
const STALLED_MS = 10_000;

/** Makes Temporal's SDK download its server. The SDK only does that while it starts one, so a child process starts it. */
export async function downloadWithSdk(kind: ServerKind, target: string): Promise<void> {
  const folder = mkdtempSync(join(dirname(target), 'download-'));
  try {
    await run(kind, folder);
    const [file] = readdirSync(folder);
    if (!file) throw new Error('the SDK downloaded nothing');
    renameSync(join(folder, file), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(kind: ServerKind, folder: string): Promise<void> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const script = fileURLToPath(new URL(`./sdk-download-child.${extension}`, import.meta.url));
  return new Promise((resolve, reject) => {
    const child = fork(script, [kind, folder], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let said = '';
    child.stderr?.on('data', (data) => {
      said += String(data);
    });
    let size = 0;
    let grownAt = Date.now();
    const watch = setInterval(() => {
      const now = sizeOf(folder);
      if (now > size) grownAt = Date.now();
      size = now;
      if (Date.now() - grownAt > STALLED_MS) child.kill('SIGKILL');
    }, 500);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearInterval(watch);
      if (code === 0) resolve();
      else reject(new Error(said.trim().split('\n').at(-1) || 'it does not answer'));
    });
  });
}

function sizeOf(folder: string): number {
  return readdirSync(folder)
    .map((file) => statSync(join(folder, file), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, size) => sum + size, 0);
}
