import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import Anthropic from '@anthropic-ai/sdk';
import { startSimulatedModel } from '../../sandbox/model/index.js';
import { createModel } from '../../src/llm/index.js';
import { ConfigError } from '../../src/platform/errors.js';
import { describeProxy, goThroughProxy, proxyFor, proxyVariables } from '../../src/platform/proxy.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { chooseWay } from '../../src/temporal/proxy.js';
import { startProxy } from '../support/proxy.js';

describe('the proxy of the environment', () => {
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  const server = createServer((_, response) => response.end('here'));
  let port = 0;
  before(async () => {
    proxy = await startProxy('user:p@ss');
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await proxy.stop();
  });
  const withPassword = () => proxy.url.replace('user:p@ss', 'user:p%40ss');
  const read = async (host: string) => await (await fetch(`http://${host}:${port}/`)).text();

  it('gets what goes by fetch, with its password, but for what NO_PROXY names', async () => {
    goThroughProxy({ HTTP_PROXY: withPassword(), NO_PROXY: 'direct.test, 127.0.0.1' });
    assert.equal(await read('slack.test'), 'here');
    assert.equal(await read('127.0.0.1'), 'here');
    await assert.rejects(read('direct.test'), 'nobody but the proxy knows this name');
    assert.deepEqual(proxy.targets, [`slack.test:${port}`]);
    assert.deepEqual(proxy.refused, []);
  });

  it('gets what goes to Claude, in streams as well', async () => {
    const model = await startSimulatedModel();
    goThroughProxy({ http_proxy: withPassword() });
    const baseURL = model.url.replace('127.0.0.1', 'claude.test');
    const client = createModel({ apiKey: model.apiKey, baseURL, model: 'claude-sonnet-5-5' });
    assert.equal((await client.check()).problem, undefined);
    const { research } = await client.searchWeb('Compare two editors');
    assert.ok(research.sources.length > 0);
    assert.ok(proxy.targets.includes(new URL(baseURL).host));
    const abort = new AbortController();
    model.faults.inject({ kind: 'hang' });
    setTimeout(() => abort.abort(), 100);
    await assert.rejects(client.searchWeb('Compare two editors', abort.signal), Anthropic.APIUserAbortError);
    await model.stop();
  });

  it('is told apart from a Claude that refuses', async () => {
    goThroughProxy({ HTTP_PROXY: proxy.url.replace('user:p@ss@', '') });
    const client = createModel({
      apiKey: 'k',
      baseURL: 'http://claude.test:4000',
      model: 'claude-sonnet-5-5',
    });
    const { problem } = await client.check();
    assert.match(
      String(problem),
      /^claude\.test:4000 could not be reached.*Check the network, and the proxy/,
    );
    assert.deepEqual(proxy.refused, ['claude.test:4000']);
  });

  for (const [when, end] of [
    ['at once', (socket: Socket) => void socket.destroy()],
    ['once it was asked', (socket: Socket) => void socket.once('data', () => socket.destroy())],
  ] as const)
    it(`makes a request fail, and is left alone, when it ends connections ${when} without an answer`, async (test) => {
      let connections = 0;
      const ending = createTcpServer((socket) => {
        connections += 1;
        socket.on('error', () => socket.destroy());
        end(socket);
      });
      await new Promise<void>((resolve) => ending.listen(0, '127.0.0.1', resolve));
      test.after(() => ending.close());
      const url = `http://127.0.0.1:${(ending.address() as AddressInfo).port}`;
      goThroughProxy({ HTTP_PROXY: url, HTTPS_PROXY: url });
      for (const target of ['http://slack.test:4000/', 'https://slack.test/']) {
        const before = connections;
        const failed = fetch(target, { signal: AbortSignal.timeout(1_000) });
        await assert.rejects(failed, { name: 'TypeError', message: 'fetch failed' });
        await delay(50);
        assert.ok(connections - before <= 5, `${connections - before} connections for ${target}`);
      }
    });

  const rules: [noProxy: string, host: string, port: number, isProxied: boolean][] = [
    ['', 'temporal.example', 7233, true],
    ['*', 'temporal.example', 7233, false],
    ['example', 'temporal.example', 7233, false],
    ['.example', 'temporal.example', 7233, false],
    ['*.example', 'temporal.EXAMPLE', 7233, false],
    ['oral.example', 'temporal.example', 7233, true],
    ['a.test b.test,temporal.example:7233', 'temporal.example', 7233, false],
    ['temporal.example:443', 'temporal.example', 7233, true],
    ['10.0.0.0/8', '10.1.2.3', 7233, true],
  ];
  for (const [NO_PROXY, host, portOf, isProxied] of rules) {
    it(`${isProxied ? 'gets' : 'does not get'} ${host} where NO_PROXY is "${NO_PROXY}"`, () => {
      const found = proxyFor({ HTTPS_PROXY: 'proxy.test:3128', NO_PROXY }, host, portOf);
      assert.equal(found?.href, isProxied ? 'http://proxy.test:3128/' : undefined);
    });
  }

  it('is described without its password, with what does not use it', () => {
    const env = { HTTPS_PROXY: 'http://user:SECRET@proxy.test:3128', NO_PROXY: 'localhost,10.0.0.0/8' };
    const { summary, limits } = describeProxy(env) ?? {};
    assert.equal(summary, 'HTTPS_PROXY http://proxy.test:3128; not for localhost,10.0.0.0/8 (NO_PROXY)');
    assert.match(String(limits), /fetch_url connects to pages directly.*10\.0\.0\.0\/8 is a range/);
    assert.equal(describeProxy({ NO_PROXY: 'localhost', HTTPS_PROXY: '' }), undefined);
  });

  it('is handed to the programs of MCP servers', () => {
    const env = {
      HTTPS_PROXY: 'http://proxy.test:3128',
      no_proxy: 'localhost',
      PATH: '/bin',
      http_proxy: '',
    };
    assert.deepEqual(proxyVariables(env), { HTTPS_PROXY: 'http://proxy.test:3128', no_proxy: 'localhost' });
  });

  it('is named where its address can’t be used, and never quoted', () => {
    const values = ['ftp://user:SECRET@proxy', 'http://', 'http://user:SECRET@proxy:port'];
    for (const value of [...values, 'http://user:50%SECRET@proxy:3128', 'http://user:%FFSECRET@proxy:3128'])
      assert.throws(
        () => goThroughProxy({ HTTPS_PROXY: value }),
        (error) =>
          error instanceof ConfigError &&
          /^HTTPS_PROXY is no address of a proxy\./.test(error.message) &&
          !error.message.includes('SECRET'),
      );
  });

  it('serves Temporal’s two clients alike, or the start says that it can’t', () => {
    const through = { HTTPS_PROXY: 'http://user:p%40ss@proxy.test', grpc_proxy: '' };
    const way = chooseWay(through, 'temporal.example:7233');
    assert.deepEqual(way.native.proxy, {
      ...{ type: 'http-connect', targetHost: 'proxy.test:80' },
      basicAuth: { username: 'user', password: 'p@ss' },
    });
    assert.equal(through.grpc_proxy, 'http://user:p%40ss@proxy.test/');
    assert.equal(way.channelArgs['grpc.enable_http_proxy'], 1);
    for (const address of ['localhost:99999', 'two words:7233'])
      assert.deepEqual(chooseWay(through, address).native, {}, 'the connection names TEMPORAL_ADDRESS');
    const tls = chooseWay({ HTTPS_PROXY: 'https://proxy.test' }, 'temporal.example:7233');
    assert.match(
      String(tls.problem),
      /^Temporal can't use the proxy at https:\/\/proxy\.test, so it is connected to directly/,
    );
    const exempt = chooseWay({ HTTPS_PROXY: 'http://proxy.test', NO_PROXY: 'localhost' }, 'localhost:7233');
    for (const { native, channelArgs } of [tls, exempt])
      assert.deepEqual([native, channelArgs['grpc.enable_http_proxy']], [{}, 0]);
  });

  it('that Temporal can’t use is named where Temporal can’t be reached directly', async (test) => {
    const before = { ...process.env };
    test.after(() => {
      process.env = before;
    });
    Object.assign(process.env, { HTTPS_PROXY: 'https://proxy.test', TEMPORAL_ADDRESS: '127.0.0.1:9' });
    await assert.rejects(connectTemporal(), {
      name: 'ConfigError',
      message: /127\.0\.0\.1:9, .*Temporal can't use the proxy at https:\/\/proxy\.test/,
    });
  });
});
