import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A change is on disk this long after it was made, in milliseconds. */
const WRITE_AFTER_MS = 100;

/** Keeps one JSON document on disk: each write replaces the file at once, so a crash leaves the old one or the new one. */
export function createJournal<T>(path: string | undefined, read: () => T) {
  let timer: NodeJS.Timeout | undefined;

  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    if (!path) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.next`, JSON.stringify(read()));
    renameSync(`${path}.next`, path);
  };

  return {
    changed(): void {
      timer ??= setTimeout(write, WRITE_AFTER_MS);
    },
    close: write,
  };
}

/** What an earlier run kept, or undefined where there is nothing. */
export function readJournal<T>(path: string | undefined): T | undefined {
  return path && existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
}
