import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { CountersignError } from '../src/platform/errors.js';
import { isRunning } from './process.js';

/**
 * Keeps a second sandbox out of the same folder. Returns a function that releases the lock. A crashed sandbox's lock is taken over.
 *
 * @throws CountersignError when a sandbox is running there.
 */
export function takeLock(path: string): () => void {
  const holder = Number(read(path));
  if (holder && holder !== process.pid && isRunning(holder, /sandbox/)) {
    throw new CountersignError(
      'SandboxRunning',
      `A sandbox is running in this folder already (process ${holder}). Stop it first, or start this one elsewhere: npm run sandbox -- --directory data/another`,
    );
  }
  writeFileSync(path, String(process.pid));
  return () => rmSync(path, { force: true });
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
