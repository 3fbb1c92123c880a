import { execSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isLockStamped } from './lock-stamp.js';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Last file that the build writes. */
const built = join(root, 'dist/sandbox/page/index.html');
const sources = ['src', 'sandbox', 'scripts'].flatMap((name) =>
  readdirSync(join(root, name), { recursive: true }).map((file) => join(root, name, String(file))),
);

/** An unchanged build is kept, so that the sandbox starts at once, and one that runs keeps its files during an install. */
const isFresh =
  existsSync(built) &&
  isLockStamped(root) &&
  sources.every((path) => statSync(path).mtimeMs <= statSync(built).mtimeMs);
if (!isFresh) execSync('npm run build', { cwd: root, stdio: 'inherit' });
