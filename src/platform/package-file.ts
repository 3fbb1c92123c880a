import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Finds a file that ships beside the code, such as `manifest.yml`. Sources and build have different depths in the package. */
export function packageFile(name: string): string {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) folder = new URL('..', folder);
  return fileURLToPath(new URL(name, folder));
}
