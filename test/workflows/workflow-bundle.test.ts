import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bundleWorkflows } from '../support/temporal/workflow-bundle.js';

// The bundler itself refuses what could answer differently at a replay (Node's own modules); the rest it takes in silence.
describe('the bundle of the workflows', () => {
  /** The modules in it, as its source map names them. */
  let modules: string[];
  before(async () => {
    const workflowsPath = fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url));
    const { code } = await bundleWorkflows(workflowsPath);
    modules = sourcesOf(code);
  });

  it('holds the workflows, the pure folders and what Temporal brings along', () => {
    for (const expected of ['src/workflows/agent.ts', 'src/approval/judge.ts', '@temporalio/workflow/']) {
      assert.ok(
        modules.some((module) => module.includes(expected)),
        `${expected} is in ${modules.join('\n')}`,
      );
    }
  });

  it('takes nothing of ours but the workflows, the pure folders, errors and the cut of texts', () => {
    const ours = modules.filter((module) => module.endsWith('.ts') && !isInstalled(module));
    assert.deepEqual(
      ours.filter(
        (module) => !/(^|\/)src\/((workflows|approval|run)\/|platform\/(cut|errors)\.ts$)/.test(module),
      ),
      [],
    );
  });

  it('has no module that holds state, because all runs of a worker share its modules', () => {
    const ours = modules.filter((module) => module.endsWith('.ts') && !isInstalled(module));
    const state = /^(?:export )?(?:let|var) |^(?:export )?const [^=]+ = (?:new \w+(?:<.*>)?\(\)|\[\]|\{\});/m;
    for (const path of ours) {
      const source = readFileSync(new URL(`../../${/src\/.*$/.exec(path)?.[0]}`, import.meta.url), 'utf8');
      assert.doesNotMatch(source, state, path);
    }
  });

  it("takes no package but Temporal's and what it builds on: no zod, no Bolt, no database", () => {
    const packages = new Set(modules.filter(isInstalled).map(packageOf));
    const foreign = [...packages].filter((name) => !name.startsWith('@temporalio/'));
    assert.deepEqual(foreign.sort(), ['long', 'ms', 'nexus-rpc']);
  });
});

/** The sources of the inline source map that the bundler appends. */
function sourcesOf(code: string): string[] {
  const [, encoded] = /sourceMappingURL=data:application\/json;[^,]*base64,([\w+/=]+)/.exec(code) ?? [];
  assert.ok(encoded, 'the bundle has a source map');
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as { sources: string[] };
  return map.sources;
}

function isInstalled(module: string): boolean {
  return module.includes('node_modules/');
}

function packageOf(module: string): string {
  const path = module.slice(module.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const [scope = '', name] = path.split('/');
  return scope.startsWith('@') ? `${scope}/${name}` : scope;
}
