import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Puts an npm-shrinkwrap.json into the package that npm packs, and takes it away after: `tsx scripts/shrinkwrap.ts write|remove`.

/** The parts of a package-lock.json that a shrinkwrap has, too. */
export interface Lock {
  name: string;
  version: string;
  lockfileVersion: number;
  requires: boolean;
  packages: Record<string, { dev?: boolean; devDependencies?: object; [key: string]: unknown }>;
}

/**
 * Makes the published package's shrinkwrap: the tested tree, without the packages of development.
 * Without one npm ignores our `overrides`, and takes newer versions than the tested ones.
 */
export function shrinkwrapOf({ packages, ...lock }: Lock): Lock {
  const kept = Object.entries(packages).filter(([, { dev }]) => !dev);
  const entries = kept.map(([path, { devDependencies: _, ...entry }]) => [path, entry] as const);
  return { ...lock, packages: Object.fromEntries(entries) };
}

const at = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const [, script, verb] = process.argv;
if (script === fileURLToPath(import.meta.url)) {
  const target = at('npm-shrinkwrap.json');
  if (verb === 'remove') rmSync(target);
  else {
    const lock = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')) as Lock;
    writeFileSync(target, `${JSON.stringify(shrinkwrapOf(lock), null, 2)}\n`);
  }
}
