import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  packages: Record<string, { version: string }>;
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
  after(() => rmSync(folder, { recursive: true, force: true }));

  const lockOf = (path: string) => (JSON.parse(readFileSync(path, 'utf8')) as Lock).packages;

  it('has the very packages that the tests ran with', () => {
    const tested = lockOf(join(PROJECT, 'package-lock.json'));
    const prefix = 'node_modules/countersign/';
    const got = Object.entries(lockOf(join(folder, 'node_modules/.package-lock.json')));
    const dependencies = got.filter(([path]) => path.startsWith(prefix));
    assert.ok(dependencies.length > 300, `${dependencies.length}`);
    for (const [path, { version }] of dependencies)
      assert.equal(version, tested[path.slice(prefix.length)]?.version, path);
    assert.ok(!got.some(([path]) => /\/(?:typescript|esbuild|@biomejs\/biome)$/.test(path)));
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
