import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { SURFACES } from '../test/support/texts/index.js';
import { PAGE_OPTIONS } from './build-page.js';

/** Draws all messages that a person can see into one HTML page: `npm run texts [file]`. */
const file = resolve(process.argv[2] ?? 'data/texts.html');
const entry = fileURLToPath(new URL('../sandbox/page/texts.tsx', import.meta.url));

const { outputFiles } = await build({
  ...PAGE_OPTIONS,
  entryPoints: { texts: entry },
  outdir: '/',
  write: false,
});
const output = (extension: string) => outputFiles.find(({ path }) => path.endsWith(extension))?.text ?? '';
// No text may end its element.
const inElement = (text: string) => text.replaceAll('</', '<\\/');
mkdirSync(dirname(file), { recursive: true });
writeFileSync(
  file,
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>Countersign: what people see</title>
<link rel="icon" href="data:," />
<style>${output('.css')}</style>
</head>
<body>
<div id="page"></div>
<script type="application/json" id="texts">${inElement(JSON.stringify(SURFACES))}</script>
<script type="module">${inElement(output('.js'))}</script>
</body>
</html>
`,
);
const count = SURFACES.reduce((sum, { samples }) => sum + samples.length, 0);
console.log(`${count} texts of ${SURFACES.length} surfaces are in ${file}`);
