import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { devNull } from 'node:os';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { RemoteError } from '../../../src/platform/errors.js';
import { textOf } from '../../../src/run/execution/tools.js';
import { createToolbox, type ServerSettings, type Toolbox } from '../../../src/tools/index.js';
import { tellingLine } from '../../../src/tools/mcp/transport/error-lines.js';

const silent = () => {};
const open = (...servers: ServerSettings[]) =>
  createToolbox({ servers, log: { debug: silent, info: silent, warn: silent } });
const web = (url: string): ServerSettings => ({ name: 'web', transport: 'http', url, headers: {} });

async function until(what: string, holds: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 30_000; !holds(); await pause(50))
    assert.ok(Date.now() < deadline, `in time: ${what}`);
}

const isLost = (error: unknown) => error instanceof RemoteError && error.code === 'AnswerLost';

async function reasonOfStart(toolbox: Toolbox): Promise<string> {
  try {
    await until('its start has failed', () => toolbox.problems()[0]?.reason !== 'it is still starting.');
    return toolbox.problems()[0]?.reason ?? '';
  } finally {
    await toolbox.close();
  }
}

async function listen(listener: RequestListener, port = 0) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: (server.address() as AddressInfo).port, close };
}

describe('a server that speaks only the older HTTP with SSE', () => {
  const everything = fileURLToPath(
    new URL('../../../node_modules/@modelcontextprotocol/server-everything/dist/index.js', import.meta.url),
  );
  async function start(port: number): Promise<ChildProcess> {
    const child = spawn(process.execPath, [everything, 'sse'], {
      env: { PATH: process.env.PATH, PORT: String(port) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise<void>((resolve) =>
      child.stderr?.on('data', (text) => /running/i.test(text) && resolve()),
    );
    return child;
  }
  async function kill(child: ChildProcess): Promise<void> {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  it('works; when it dies, its calls are lost at once, and it works again after its start', async () => {
    const { port, close } = await listen(silent);
    await close();
    let child = await start(port);
    const toolbox = open(web(`http://127.0.0.1:${port}/sse`));
    try {
      await until('it is there', () => toolbox.problems().length === 0);
      assert.match(textOf(await toolbox.call('web__echo', { message: 'hello' })), /hello/);
      const long = toolbox.call('web__trigger-long-running-operation', { duration: 60, steps: 3 });
      long.catch(() => 'looked at below');
      await pause(500);
      const killedAt = Date.now();
      await kill(child);
      await assert.rejects(long, isLost);
      assert.ok(Date.now() - killedAt < 5_000);
      child = await start(port);
      await until('it is there again', () => toolbox.problems().length === 0);
      assert.match(textOf(await toolbox.call('web__echo', { message: 'again' })), /again/);
    } finally {
      await toolbox.close();
      await kill(child);
    }
  });
});

describe('a server with a time-out of its own', () => {
  it('is waited for no longer, and nobody knows whether the call happened', async () => {
    const script = fileURLToPath(new URL('../../support/mcp/odd-server.mjs', import.meta.url));
    const toolbox = open({
      ...{ name: 'odd', transport: 'stdio', command: process.execPath, args: [script, devNull], env: {} },
      timeoutMs: 500,
    });
    try {
      await until('it is there', () => toolbox.problems().length === 0);
      await assert.rejects(toolbox.call('odd__hang', {}), /hang.*did not answer within 0\.5 seconds/);
    } finally {
      await toolbox.close();
    }
  });
});

describe('the reason of a start that failed', () => {
  const node = (script: string): ServerSettings => ({
    name: 'local',
    transport: 'stdio',
    command: process.execPath,
    args: ['-e', script],
    env: {},
  });
  const answering = (answer: object) =>
    node(`process.stdin.once('data', (line) => {
      const { id } = JSON.parse(line);
      console.log(JSON.stringify({ jsonrpc: '2.0', id, ...${JSON.stringify(answer)} }));
    })`);
  const local: [string, ServerSettings, RegExp][] = [
    [
      'a module that is missing',
      node('require("no-such-module")'),
      /ended as soon.*Error: Cannot find module/,
    ],
    [
      'its own error, with the code that a closed connection has',
      answering({ error: { code: -32000, message: 'Set API_KEY first' } }),
      /^Set API_KEY first\.$/,
    ],
    [
      'an answer that says nothing',
      answering({ result: null }),
      /^its answer was not MCP's \(protocolVersion/,
    ],
    [
      'more than can be read',
      node('process.stdin.once("data", () => process.stdout.write("x".repeat(11_000_000)))'),
      /^it sent more at once than can be read/,
    ],
    [
      'a version of MCP to come',
      answering({ error: { code: -32022, message: 'Unsupported', data: { supported: ['2026-07-28'] } } }),
      /^it speaks MCP 2026-07-28, which is not supported here \(2025-11-25 is the latest\)/,
    ],
    [
      'a version of MCP to come, echoed',
      answering({ result: { protocolVersion: '2026-07-28', capabilities: {}, serverInfo: { name: 'x' } } }),
      /^it speaks MCP 2026-07-28, which is not supported here/,
    ],
    [
      'arguments in the command',
      { name: 'local', transport: 'stdio', command: 'npx -y server', args: [], env: {} },
      /command was not found.*arguments belong in args/,
    ],
  ];
  for (const [what, settings, reason] of local) {
    it(`is told: ${what}`, async () => assert.match(await reasonOfStart(open(settings)), reason));
  }

  const remote: [string, number, string, RegExp][] = [
    [
      'a JSON error',
      400,
      '{"error":{"message":"The header x-team is missing"}}',
      /400: The header x-team is missing\.$/,
    ],
    ['plain words', 404, 'No such project', /404: No such project\.$/],
    ['a page', 502, '<html>Bad gateway</html>', /^it answered with status 502\.$/],
    ['something else than MCP', 200, '<html>Hello</html>', /^its answer was not MCP's\.$/],
    [
      'a version of MCP to come',
      400,
      '{"jsonrpc":"2.0","id":0,"error":{"code":-32022,"message":"Unsupported","data":{"supported":["2026-07-28"]}}}',
      /^it speaks MCP 2026-07-28, which is not supported here/,
    ],
  ];
  for (const [what, status, body, reason] of remote) {
    it(`is told over HTTP: ${what}`, async () => {
      const { port, close } = await listen((request, response) =>
        request.method === 'POST'
          ? response.writeHead(status, { 'content-type': 'text/plain' }).end(body)
          : response.writeHead(405).end(),
      );
      try {
        assert.match(await reasonOfStart(open(web(`http://127.0.0.1:${port}/mcp`))), reason);
      } finally {
        await close();
      }
    });
  }

  it('is found in what the server wrote, not in the last line of it', () => {
    const npm = [
      'npm error code E404',
      "npm error 404 '@x/y@*' is not in this registry.",
      'npm error A complete log of this run can be found in: /root/.npm/_logs/x-debug-0.log',
    ];
    assert.match(tellingLine(npm), /not in this registry/);
    const python = [
      'Traceback (most recent call last):',
      '  File "x.py"',
      'ModuleNotFoundError: No module named mcp',
    ];
    assert.match(tellingLine(python), /^ModuleNotFoundError/);
    assert.equal(tellingLine(['loading', 'no key given']), 'no key given');
    assert.equal(tellingLine([]), '');
  });
});
