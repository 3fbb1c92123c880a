import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflows } from '../temporal/workflow-bundle.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const NEXT_WORKFLOW = fileURLToPath(new URL('../workflows/next-workflow.ts', import.meta.url));
const VERSION = /(WORKFLOW_VERSION = )(\d+)/;

/** A copy of the built product as its next version: the workflow is changed under patches, and its version is raised by one. */
export async function makeNextVersion(): Promise<{ cli: string; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'next-version-'));
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const { code } = await bundleWorkflows(NEXT_WORKFLOW);
  writeFileSync(join(folder, 'dist/src/workflow-bundle.js'), code);
  const constant = join(folder, 'dist/src/workflows/runtime/workflow-version.js');
  const before = readFileSync(constant, 'utf8');
  if (!VERSION.test(before)) throw new Error(`${constant} has no WORKFLOW_VERSION`);
  writeFileSync(
    constant,
    before.replace(VERSION, (_, name: string, version: string) => `${name}${Number(version) + 1}`),
  );
  return { cli: join(folder, 'dist/src/main.js'), remove: () => rmSync(folder, { recursive: true }) };
}
