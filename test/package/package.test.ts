import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openBrowser } from '../support/product/browser.js';
import { lastCard, press } from '../support/product/page-actions.js';
import { runCommand } from '../support/product/run-command.js';
import { startSandbox } from '../support/product/sandbox.js';
import { inBrowser } from '../support/product/sandbox-in-browser.js';
import { findDevServer, unusedPort } from '../support/temporal/temporal.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The part of a lock that says which packages there are. */
interface Lock {
  packages: Record<string, { version: string; dependencies?: Record<string, string> }>;
}

describe('the package, packed and installed by npm', () => {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  before(async () => {
    const pack = ['pack', '--silent', '--pack-destination', folder];
    const packed = await runCommand('npm', pack, { cwd: PROJECT });
    assert.equal(packed.code, 0, packed.output);
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '';
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`];
    const installed = await runCommand('npm', install, { cwd: folder });
    assert.equal(installed.code, 0, installed.output);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('has the versions of its own dependencies that the tests ran with, and one Temporal and one compiler', () => {
    const lockOf = (path: string) => (JSON.parse(readFileSync(path, 'utf8')) as Lock).packages;
    const tested = lockOf(join(PROJECT, 'package-lock.json'));
    const got = lockOf(join(folder, 'node_modules/.package-lock.json'));
    for (const name of Object.keys(tested['']?.dependencies ?? {})) {
      const path = `node_modules/${name}`;
      assert.equal(got[path]?.version, tested[path]?.version, name);
    }
    const nested = Object.keys(got).filter((path) =>
      /.node_modules\/(?:@swc\/core|@temporalio\/\w+)$/.test(path),
    );
    assert.deepEqual(nested, []);
    for (const name of ['typescript', 'esbuild']) assert.equal(got[`node_modules/${name}`], undefined, name);
  });

  it('has no file that only a checkout needs', () => {
    const files = readdirSync(join(folder, 'node_modules/countersign'));
    for (const name of ['dist', 'manifest.yml', 'UPGRADING.md']) assert.ok(files.includes(name), name);
    for (const name of ['src', 'test', 'scripts', 'deploy']) assert.ok(!files.includes(name), name);
  });

  inBrowser('runs the sandbox by npx, whose page takes a goal and shows its plan', async () => {
    const settings = { TEMPORAL_CLI_PATH: await findDevServer() };
    const sandbox = await startSandbox(join(folder, 'sandbox'), await unusedPort(), settings, {
      command: { file: 'npx', args: ['countersign', 'sandbox'], cwd: folder },
    });
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(sandbox.url);
      await press(page.locator('body'), '/agent Compare three ways to back up our Postgres database');
      const card = lastCard(page, 'Compare three ways to back up our Postgres database');
      await card.getByRole('button', { name: 'Approve', exact: true }).waitFor();
    } finally {
      await browser.close();
      await sandbox.stop();
    }
  });
});
