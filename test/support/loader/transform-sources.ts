import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transform } from 'esbuild';
import type { Folders } from './hooks.js';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const HOOKS = 'test/support/loader/hooks.ts';

/**
 * Transforms all sources to JavaScript, in a folder of their own. Returns the path of a module for `node --import`, with which node loads the sources
 * from there. `tsx` does the same when each process loads them; that costs a second of the processor's time in every process that loads the product.
 */
export async function transformSources(folder: string): Promise<string> {
  const sources = ['src', 'sandbox', 'scripts', 'test', 'bench'].flatMap((name) =>
    readdirSync(join(project, name), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.tsx?$/.test(path))
      .map((path) => join(name, path)),
  );
  const transformed = (path: string) => join(folder, `${path}.js`);
  for (const path of new Set(sources.map(dirname))) mkdirSync(join(folder, path), { recursive: true });
  await Promise.all(
    sources.map(async (path) => {
      const { code } = await transform(readFileSync(join(project, path), 'utf8'), {
        loader: path.endsWith('x') ? 'tsx' : 'ts',
        jsx: 'automatic',
        target: 'node20',
        sourcemap: 'inline',
        sourcefile: basename(path),
        sourcesContent: false,
      });
      writeFileSync(transformed(path), code);
    }),
  );
  const urlOf = (path: string) => pathToFileURL(path).href;
  const data: Folders = { project: urlOf(project), transformed: `${urlOf(folder)}/` };
  const loader = join(folder, 'loader.mjs');
  const hooks = JSON.stringify(urlOf(transformed(HOOKS)));
  writeFileSync(
    loader,
    `import { register } from 'node:module';
process.setSourceMapsEnabled(true);
register(${hooks}, { data: ${JSON.stringify(data)} });
`,
  );
  return loader;
}
