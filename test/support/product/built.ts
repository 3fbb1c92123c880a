import { fileURLToPath } from 'node:url';
import { shared } from '../shared.js';

const at = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** Arguments with which node runs the product's command line: as it was built, or from its sources where nobody has just built it. */
export function commandLine(...args: string[]): string[] {
  return shared.isBuilt
    ? [at('dist/src/main.js'), ...args]
    : ['--import', import.meta.resolve('tsx'), at('src/main.ts'), ...args];
}

/** Loads a module of the sandbox's as it was built, or from its sources where nobody has just built it. */
export async function importSandbox<Module>(name: string, { built = shared.isBuilt } = {}): Promise<Module> {
  const path = built ? `dist/sandbox/${name}.js` : `sandbox/${name}.ts`;
  return (await import(new URL(`../../../${path}`, import.meta.url).href)) as Module;
}
