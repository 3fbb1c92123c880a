import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Finds a file that ships beside the code, such as `manifest.yml`. Sources and build have different depths in the package. */
export function packageFile(name: string): string {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) folder = new URL('..', folder);
  return fileURLToPath(new URL(name, folder));
}

/** Reads the version of this package. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string };
  return version;
}
