import { execSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Last file that the build writes. */
const built = join(root, 'dist/sandbox/page/index.html');
const sources = ['package-lock.json', 'src', 'sandbox', 'scripts'].flatMap((name) => {
  const path = join(root, name);
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true }).map((file) => join(path, String(file)));
});

/** An unchanged build is kept, so that the sandbox starts at once. */
const isFresh =
  existsSync(built) && sources.every((path) => statSync(path).mtimeMs <= statSync(built).mtimeMs);
if (!isFresh) execSync('npm run build', { cwd: root, stdio: 'inherit' });
