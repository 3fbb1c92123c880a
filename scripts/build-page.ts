import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile } from 'esbuild';

const page = fileURLToPath(new URL('../sandbox/page/', import.meta.url));

/** Options for a bundle of the page's components. */
export const PAGE_OPTIONS = {
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  // Preact is a tenth of React's size, and the page uses nothing that Preact lacks.
  alias: { react: 'preact/compat', 'react-dom': 'preact/compat' },
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** Bundles the sandbox's page: `app.js` and its parts, `app.css` and `index.html`. */
export async function buildPage(outDir: string): Promise<void> {
  mkdirSync(outDir, { recursive: true });
  const { metafile } = await build({
    ...PAGE_OPTIONS,
    entryPoints: { app: join(page, 'main.tsx') },
    outdir: outDir,
    splitting: true,
    chunkNames: 'part-[hash]',
    metafile: true,
  });
  // The browser asks for these parts at once, and not only when it has read app.js.
  const preloads = partsOfApp(metafile).map((part) => `<link rel="modulepreload" href="${part}" />`);
  const html = readFileSync(join(page, 'index.html'), 'utf8');
  writeFileSync(join(outDir, 'index.html'), html.replace('</head>', `${preloads.join('')}</head>`));
}

function partsOfApp({ outputs }: Metafile): string[] {
  const app = Object.entries(outputs).find(([path]) => basename(path) === 'app.js')?.[1];
  const parts = app?.imports.filter(({ kind }) => kind === 'import-statement') ?? [];
  return parts.map(({ path }) => basename(path));
}
