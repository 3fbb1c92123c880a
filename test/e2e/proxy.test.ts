import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startSimulatedModel } from '../../sandbox/model/index.js';
import { startWorkspace } from '../../sandbox/workspace/index.js';
import { startCommand } from '../support/product/run-command.js';
import { serviceSettings } from '../support/product/service-settings.js';
import { startProxy } from '../support/proxy.js';
import { cardOf, startWaitingRun } from '../support/slack/people.js';
import { type OwnNamespace, openNamespace } from '../support/temporal/namespaces.js';

const EVERYTHING = fileURLToPath(
  new URL('../../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url),
);

/** Starts an MCP server over HTTP, and one port of its own with it. */
async function startMcpServer(port: number): Promise<ChildProcess> {
  const env = { PATH: process.env.PATH, PORT: String(port) };
  const child = spawn(process.execPath, [EVERYTHING, 'streamableHttp'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: child.stderr })) if (line.includes('listening')) break;
  return child;
}

describe('the service behind a proxy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'proxy-'));
  const mcpPort = 20_000 + (process.pid % 20_000);
  let temporal: OwnNamespace;
  let model: Awaited<ReturnType<typeof startSimulatedModel>>;
  let workspace: Awaited<ReturnType<typeof startWorkspace>>;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  let mcp: ChildProcess;
  before(async () => {
    [temporal, model, workspace, proxy, mcp] = await Promise.all([
      openNamespace(),
      startSimulatedModel(),
      startWorkspace(),
      startProxy('user:password'),
      startMcpServer(mcpPort),
    ]);
    const servers = { web: { type: 'http', url: `http://mcp.test:${mcpPort}/mcp` } };
    writeFileSync(join(folder, 'mcp.json'), JSON.stringify({ mcpServers: servers }));
  });
  after(async () => {
    mcp.kill('SIGKILL');
    await Promise.all([temporal.close(), model.stop(), workspace.close(), proxy.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Name of an address that nobody but the proxy can resolve. */
  const hidden = (address: string, name: string) => address.replace('127.0.0.1', `${name}.test`);
  const settings = () => ({
    ...serviceSettings({ workspace, model, temporal, folder }),
    TEMPORAL_ADDRESS: hidden(temporal.address, 'temporal'),
    ANTHROPIC_BASE_URL: hidden(model.url, 'claude'),
    MCP_CONFIG: join(folder, 'mcp.json'),
    HTTP_PROXY: proxy.url,
    HTTPS_PROXY: proxy.url,
  });
  const run = (env: Record<string, string>, ...command: string[]) => startCommand(folder, env, ...command);

  it('carries a run out, and reaches Slack, Claude, MCP and Temporal through the proxy alone', async () => {
    const service = run(settings(), 'start');
    await workspace.waitFor(() => workspace.connected(), { what: 'the app', timeoutMs: 60_000 });
    const { ana } = workspace.people;
    const { general } = workspace.channels;
    const { shortId, card } = await startWaitingRun(workspace, ana, general, 'compare two editors');
    assert.deepEqual(await workspace.as(ana).click(card, 'Approve'), { ok: true });
    await cardOf(workspace, general, shortId, /^Done/);
    service.child.kill('SIGTERM');
    assert.equal(await service.exit, 0, service.output());
    const hosts = [workspace.apiUrl, settings().ANTHROPIC_BASE_URL, `http://mcp.test:${mcpPort}`];
    const wanted = [...hosts.map((url) => new URL(url).host), settings().TEMPORAL_ADDRESS];
    assert.deepEqual(new Set(proxy.targets), new Set(wanted));
    const ofTemporal = proxy.targets.filter((target) => target === settings().TEMPORAL_ADDRESS);
    assert.ok(ofTemporal.length >= 2, 'the client and the worker');
    assert.deepEqual(proxy.refused, []);
    assert.match(
      service.output(),
      /Slack, Claude, MCP, Temporal go through the proxy: HTTPS_PROXY http:\/\/127/,
    );
    assert.match(service.output(), /fetch_url connects to pages directly/);
    assert.doesNotMatch(service.output(), /user:password/);
  });

  it('leaves the proxy alone for what NO_PROXY names, and the doctor says so', async () => {
    proxy.targets.length = 0;
    const local = { TEMPORAL_ADDRESS: temporal.address, ANTHROPIC_BASE_URL: model.url };
    const doctor = run({ ...settings(), ...local, NO_PROXY: '127.0.0.1,mcp.test' }, 'doctor');
    assert.equal(await doctor.exit, 1, 'this machine can’t resolve mcp.test');
    assert.deepEqual(proxy.targets, []);
    assert.match(
      doctor.output(),
      /^ok {4}proxy: HTTPS_PROXY .*; not for 127\.0\.0\.1,mcp\.test \(NO_PROXY\)/m,
    );
    for (const part of ['Slack', 'Claude', 'Temporal'])
      assert.match(doctor.output(), new RegExp(`^ok {4}${part}: `, 'm'));
    assert.match(doctor.output(), /^WRONG MCP server web: /m);
  });

  it('takes the login at an MCP server, too', async () => {
    proxy.targets.length = 0;
    const login = run(settings(), 'mcp', 'login', 'web');
    assert.equal(await login.exit, 1, 'this server wants no login');
    assert.deepEqual(new Set(proxy.targets), new Set([`mcp.test:${mcpPort}`]), login.output());
  });

  it('names the proxy where it keeps Temporal away', async () => {
    const doctor = run({ ...settings(), TEMPORAL_ADDRESS: 'temporal.test:9' }, 'doctor');
    assert.equal(await doctor.exit, 1);
    assert.match(
      doctor.output(),
      /^WRONG Temporal: .* at temporal\.test:9 through the proxy http:\/\/127\.0\.0\.1:\d+ \(NO_PROXY/m,
    );
  });
});
