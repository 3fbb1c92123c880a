import assert from 'node:assert/strict';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildImage } from '../../scripts/image/build-image.js';
import { packageVersion } from '../../src/platform/package-file.js';
import { folderSize, runCommand } from '../support/product/run-command.js';
import { startSandbox } from '../support/product/sandbox.js';
import { findDevServer, unusedPort } from '../support/temporal/temporal.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The image's user, where this process may become another one. */
const USER = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};

describe("the image's content, by the Dockerfile's own steps", () => {
  const folder = mkdtempSync(join(tmpdir(), 'image-'));
  const home = join(folder, 'home');
  let app = '';
  before(() => {
    chmodSync(folder, 0o755);
    mkdirSync(home);
    if (USER.uid) chownSync(home, USER.uid, USER.gid);
    app = join(buildImage(PROJECT, folder), 'app');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const cli = () => join(app, 'dist/src/main.js');
  const command = (...args: string[]) =>
    runCommand(process.execPath, [cli(), ...args], { cwd: home, env: { HOME: home }, ...USER });

  it('has the core of this platform alone, no packages of development, and less than 260 MB', () => {
    const cores = readdirSync(join(app, 'node_modules/@temporalio/core-bridge/releases'));
    assert.equal(cores.length, 1);
    for (const name of ['typescript', 'esbuild', '@biomejs', 'playwright-core'])
      assert.ok(!existsSync(join(app, 'node_modules', name)), name);
    const bytes = folderSize(app);
    assert.ok(bytes < 260_000_000, `${bytes} bytes`);
  });

  it('tells its version, and has the doctor name what is not set', async () => {
    assert.deepEqual(await command('--version'), { code: 0, output: `${packageVersion()}\n` });
    const { code, output } = await command('doctor');
    assert.equal(code, 1);
    assert.match(output, /SLACK_BOT_TOKEN is missing/);
  });

  it('runs a whole service, for a user who may write to the home alone', async () => {
    const temporal = join(folder, 'temporal');
    copyFileSync(await findDevServer(), temporal);
    const settings = { HOME: home, TEMPORAL_CLI_PATH: temporal };
    const sandbox = await startSandbox(join(home, 'sandbox'), await unusedPort(), settings, {
      command: { file: process.execPath, args: [cli(), 'sandbox'], cwd: home, ...USER },
    });
    assert.equal((await fetch(sandbox.url)).status, 200);
    assert.equal(await sandbox.stop(), 0);
  });
});
