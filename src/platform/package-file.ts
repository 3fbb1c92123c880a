import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Returns the path of a file that ships beside the code, such as `manifest.yml`: sources and build lie at different depths under it. */
export function packageFile(name: string): string {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) folder = new URL('..', folder);
  return fileURLToPath(new URL(name, folder));
}
