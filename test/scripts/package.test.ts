import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { readStages } from '../../scripts/image/dockerfile.js';
import { findReleaseProblems, releaseNotes } from '../../scripts/release.js';
import { packageVersion } from '../../src/platform/package-file.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The part of a package-lock.json that says which version a package has. */
interface Lock {
  packages: Record<string, { version: string }>;
}

const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');

describe('the published package', () => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  const { packages } = JSON.parse(read('package-lock.json')) as Lock;

  it('wants exactly the versions that the tests run with, Temporal’s compiler too', () => {
    for (const [name, version] of Object.entries(dependencies))
      assert.equal(version, packages[`node_modules/${name}`]?.version, name);
    assert.equal(dependencies['@swc/core'], packages['node_modules/@swc/core']?.version);
  });

  it('has one version of Temporal’s SDK, for which its workflow bundle was built', () => {
    const versions = Object.entries(dependencies).filter(([name]) => name.startsWith('@temporalio/'));
    assert.equal(new Set(versions.map(([, version]) => version)).size, 1);
  });
});

describe('the image and the chart', () => {
  it('are of the version of the package', () => {
    const { version, appVersion } = parse(read('deploy/helm/countersign/Chart.yaml')) as Record<
      string,
      string
    >;
    assert.deepEqual({ version, appVersion }, { version: packageVersion(), appVersion: packageVersion() });
  });

  it('start with a signal’s way to node, and for a user who is not root', () => {
    const { steps } = readStages(read('Dockerfile')).at(-1) ?? assert.fail('a stage');
    const last = (verb: string) => steps.findLast((step) => step.verb === verb)?.text ?? '';
    assert.equal(last('USER'), '1000:1000');
    assert.deepEqual(JSON.parse(last('ENTRYPOINT')), ['tini', '--', 'node', '/app/dist/src/main.js']);
    assert.deepEqual(JSON.parse(last('CMD')), ['start']);
  });
});

describe('.env.example', () => {
  it('sets nothing, also where Docker reads a copy of it, which takes a comment after = for the value', () => {
    for (const line of read('.env.example').split('\n')) assert.match(line, /^(?:#.*|[A-Z_]+=|)$/);
  });
});

describe('the chart’s values', () => {
  const folder = 'deploy/helm/countersign/';
  const validate = new Ajv({ allowUnionTypes: true }).compile(
    JSON.parse(read(`${folder}values.schema.json`)) as object,
  );

  it('fit their schema, which refuses misspelt ones, and secrets among the settings', () => {
    for (const file of ['values.yaml', 'ci/socket-mode-values.yaml', 'ci/http-mode-values.yaml'])
      assert.ok(validate(parse(read(folder + file))), `${file}: ${JSON.stringify(validate.errors)}`);
    assert.ok(!validate({ worker: { replica: 3 } }));
    assert.ok(!validate({ env: { SLACK_BOT_TOKEN: 'xoxb-1' } }));
  });
});

describe('a release', () => {
  const files = (version: string) => ({
    packageJson: JSON.stringify({ version }),
    chart: `version: ${version}\nappVersion: ${version}\n`,
    changelog: `# Changelog\n\n## [Unreleased]\n\n## [${version}] - 2026-11-27\n\n### Added\n- a\n\n## [0.1.0] - 2026-11-23\n- b\n`,
  });

  it('is refused where the tag and the files differ, with all reasons at once', () => {
    assert.deepEqual(findReleaseProblems('v0.5.0', files('0.5.0')), []);
    assert.equal(findReleaseProblems('v0.6.0', files('0.5.0')).length, 3);
  });

  it('is told by its part of the changelog', () => {
    assert.equal(releaseNotes('0.5.0', files('0.5.0').changelog), '### Added\n- a');
  });
});
