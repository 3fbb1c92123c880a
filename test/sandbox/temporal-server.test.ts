import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { findServer, startTemporalServer } from '../../sandbox/temporal-server/index.js';
import { isAlive } from '../support/product/sandbox.js';
import { findDevServer, unusedPort } from '../support/temporal/temporal.js';

describe("the sandbox's Temporal server", () => {
  const folder = mkdtempSync(join(tmpdir(), 'temporal-server-'));
  const dbPath = join(folder, 'temporal.db');
  const pidPath = join(folder, 'temporal.pid');
  const logPath = join(folder, 'temporal.log');
  let binary: string;
  before(async () => {
    binary = await findDevServer();
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('remembers its runs after kill -9', async () => {
    const server = await startTemporalServer({ binary, dbPath, port: await unusedPort() });
    await withClient(server.address, async (client) => {
      await client.workflow.start('any', { workflowId: 'kept', taskQueue: 'nobody-works-here' });
    });
    await server.kill();
    const again = await startTemporalServer({ binary, dbPath, port: await unusedPort() });
    try {
      await withClient(again.address, async (client) => {
        const { status } = await client.workflow.getHandle('kept').describe();
        assert.equal(status.name, 'RUNNING');
      });
    } finally {
      await again.stop();
    }
  });

  it('ends a server that a crash left on the same database, and takes over', async () => {
    const orphan = await leaveBehind(binary, dbPath);
    writeFileSync(pidPath, String(orphan.pid));
    const gone = once(orphan, 'exit');
    const server = await startTemporalServer({ binary, dbPath, pidPath, port: await unusedPort() });
    try {
      await gone;
      assert.equal(readFileSync(pidPath, 'utf8'), String(server.pid));
    } finally {
      await server.stop();
    }
    assert.equal(existsSync(pidPath), false);
  });

  it("leaves alone a process that has got the old server's id, or serves another database", async () => {
    const other = await leaveBehind(binary, join(folder, 'other.db'));
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    try {
      for (const { pid } of [other, stranger]) {
        writeFileSync(pidPath, String(pid));
        const server = await startTemporalServer({ binary, dbPath, pidPath, port: await unusedPort() });
        await server.stop();
      }
      assert.deepEqual([other.exitCode, other.signalCode], [null, null]);
      assert.deepEqual([stranger.exitCode, stranger.signalCode], [null, null]);
    } finally {
      const gone = [other, stranger].map((child) => once(child, 'exit'));
      for (const child of [other, stranger]) child.kill('SIGKILL');
      await Promise.all(gone);
    }
  });

  it('says which port is in use and takes another', async () => {
    const port = await unusedPort();
    const first = await startTemporalServer({ binary, port });
    const said: string[] = [];
    const second = await startTemporalServer({ binary, port, say: (line) => said.push(line) });
    try {
      assert.notEqual(second.address, first.address);
      assert.match(said.join(' '), new RegExp(`Port ${port} is in use`));
    } finally {
      await Promise.all([first.kill(), second.kill()]);
    }
  });

  it('does not stay behind when the process that started it is killed', async () => {
    const script = fileURLToPath(new URL('../support/temporal/start-and-wait.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout, 'data');
    const pid = Number(String(line));
    assert.ok(isAlive(pid));
    child.kill('SIGKILL');
    for (let tries = 0; isAlive(pid) && tries < 200; tries += 1) await delay(50);
    assert.equal(isAlive(pid), false);
  });

  it("gives the server's last words when it does not start", async () => {
    const broken = join(folder, 'broken');
    writeFileSync(broken, '#!/bin/sh\necho the disk is full\nexit 3\n');
    chmodSync(broken, 0o755);
    await assert.rejects(startTemporalServer({ binary: broken, logPath, port: await unusedPort() }), {
      name: 'CountersignError',
      message: /did not start .*the disk is full/,
    });
    await assert.rejects(startTemporalServer({ binary: join(folder, 'none'), port: await unusedPort() }), {
      name: 'CountersignError',
      message: /did not start .*ENOENT/,
    });
  });

  it('names the variable when the binary that it points at is not there', async () => {
    const explicitPath = join(folder, 'none');
    await assert.rejects(findServer('dev', { explicitPath, cacheDir: folder, say: assert.fail }), {
      code: 'TEMPORAL_CLI_PATH',
      message: /TEMPORAL_CLI_PATH.*none/,
    });
  });
});

async function leaveBehind(binary: string, dbPath: string): Promise<ChildProcess> {
  const port = String(await unusedPort());
  const args = ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', port];
  const child = spawn(binary, [...args, '--db-filename', dbPath], { stdio: 'ignore' });
  await withClient(`127.0.0.1:${port}`, async () => {});
  return child;
}

async function withClient(address: string, work: (client: Client) => Promise<void>): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}
