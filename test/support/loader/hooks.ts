import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { InitializeHook, LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Folders of the project and of its transformed modules, as URLs that end with a slash. */
export interface Folders {
  project: string;
  transformed: string;
}

let folders: Folders = { project: '', transformed: '' };

export const initialize: InitializeHook<Folders> = async (given) => {
  folders = given;
};

/** A source refers to another one as `….js`, as TypeScript has it. */
export const resolve: ResolveHook = (specifier, context, nextResolve) => {
  const { parentURL } = context;
  if (specifier.startsWith('.') && specifier.endsWith('.js') && parentURL && isSource(parentURL)) {
    const url = new URL(`${specifier.slice(0, -3)}.ts`, parentURL);
    for (const source of [url.href, `${url.href}x`])
      if (existsSync(fileURLToPath(source))) return { url: source, format: 'module', shortCircuit: true };
  }
  return nextResolve(specifier, context);
};

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!isSource(url)) return await nextLoad(url, context);
  const transformed = new URL(`${url.slice(folders.project.length)}.js`, folders.transformed);
  return { format: 'module', source: await readFile(transformed, 'utf8'), shortCircuit: true };
};

function isSource(url: string): boolean {
  return url.startsWith(folders.project) && /\.tsx?$/.test(url) && !url.includes('/node_modules/');
}
