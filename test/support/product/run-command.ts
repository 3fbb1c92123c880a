import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from './built.js';

/** Runs a command to its end. Returns its exit code, and all that it printed. */
export async function runCommand(file: string, args: string[], options: SpawnOptions) {
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += String(data)));
  const [code] = await once(child, 'close');
  return { code: Number(code), output };
}

/** Starts the product's command line with just this environment. `output`: all that it has printed. */
export function startCommand(cwd: string, env: Record<string, string>, ...command: string[]) {
  const child = spawn(process.execPath, commandLine(...command), {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += String(data)));
  return { child, output: () => output, exit: once(child, 'exit').then(([code]) => Number(code)) };
}

/** Adds up the sizes of a folder's files, in bytes. Links count nothing. */
export function folderSize(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
