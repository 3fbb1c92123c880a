import { execSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What the build writes last. */
const built = join(root, 'dist/sandbox/page/index.html');
const sources = ['package-lock.json', 'src', 'sandbox', 'scripts'].flatMap((name) => {
  const path = join(root, name);
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true }).map((file) => join(path, String(file)));
});

/** Builds only when something changed: the sandbox should be there at once. */
const isFresh =
  existsSync(built) && sources.every((path) => statSync(path).mtimeMs <= statSync(built).mtimeMs);
if (!isFresh) execSync('npm run build', { cwd: root, stdio: 'inherit' });
