import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Store for file contents, in a folder or in memory. Above `maxBytes` the oldest are removed. */
export interface Contents {
  put(id: string, content: Buffer): void;
  /** Undefined once it was removed. */
  get(id: string): Buffer | undefined;
}

/** Limit for all contents, in bytes. */
export const CONTENTS_MAX_BYTES = 100_000_000;

export function openContents(folder: string | undefined, maxBytes = CONTENTS_MAX_BYTES): Contents {
  return folder === undefined ? inMemory(maxBytes) : inFolder(folder, maxBytes);
}

function inMemory(maxBytes: number): Contents {
  const kept = new Map<string, Buffer>();
  let total = 0;
  return {
    put(id, content) {
      kept.set(id, content);
      total += content.length;
      for (const [oldest, { length }] of kept) {
        if (total <= maxBytes || oldest === id) return;
        kept.delete(oldest);
        total -= length;
      }
    },
    get: (id) => kept.get(id),
  };
}

function inFolder(folder: string, maxBytes: number): Contents {
  return {
    put(id, content) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, id), content);
      const kept = readdirSync(folder)
        .map((name) => ({ path: join(folder, name), ...sizeAndTime(join(folder, name)) }))
        .sort((one, other) => one.at - other.at);
      let total = kept.reduce((sum, { size }) => sum + size, 0);
      for (const { path, size } of kept) {
        if (total <= maxBytes || path === join(folder, id)) return;
        rmSync(path);
        total -= size;
      }
    },
    get(id) {
      const path = join(folder, id);
      return existsSync(path) ? readFileSync(path) : undefined;
    },
  };
}

function sizeAndTime(path: string): { size: number; at: number } {
  const { size, mtimeMs } = statSync(path);
  return { size, at: mtimeMs };
}
