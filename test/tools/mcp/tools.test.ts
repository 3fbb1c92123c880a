// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are variables of the file that is read

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { todoServer } from '../../../sandbox/todo-server/command.js';
import type { Toolbox as Port } from '../../../src/activities/ports.js';
import { readMcpConfig } from '../../../src/config/mcp/mcp-file.js';
import { RemoteError } from '../../../src/platform/errors.js';
import { isDangerous } from '../../../src/run/execution/danger.js';
import { ruleFor } from '../../../src/run/execution/rules.js';
import { textOf } from '../../../src/run/execution/tools.js';
import { createToolbox, type ServerSettings, type Toolbox } from '../../../src/tools/index.js';
import { measureLongestPause } from '../../support/longest-pause.js';
import { pidOf, processes } from '../../support/product/processes.js';

const folder = mkdtempSync(join(tmpdir(), 'tools-'));
after(() => rmSync(folder, { recursive: true }));
const script = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const packaged = (name: string) =>
  script(`../../../node_modules/@modelcontextprotocol/${name}/dist/index.js`);
const stdio = (name: string, args: string[], env: Record<string, string> = {}): ServerSettings => ({
  name,
  transport: 'stdio',
  command: process.execPath,
  args,
  env,
});
const tsx = ['--import', import.meta.resolve('tsx')];

/** Log lines, for the tests that read them. */
let logged: string[] = [];
const write = (fields: object, message: string) => logged.push(`${JSON.stringify(fields)} ${message}`);
const log = { debug: write, info: write, warn: write };
/** The activities' port: the folders know nothing of each other, so the compiler compares them here. */
const asPort = (toolbox: Toolbox): Port => toolbox;
const open = (...servers: ServerSettings[]) => createToolbox({ servers, log });
beforeEach(() => {
  logged = [];
});

async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 15_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `in time: ${what}`);
    await pause(50);
  }
}

/** A machine with other work may be slower than a start waits for. */
const allUp = (toolbox: Toolbox) => until('all are up', () => toolbox.problems().length === 0, 60_000);

function failure(code: string, retryable: boolean, message = /./): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof RemoteError, String(error));
    assert.deepEqual([error.code, error.retryable], [code, retryable], error.message);
    assert.match(error.message, message);
    return true;
  };
}

describe('the reference servers, over stdio', () => {
  let toolbox: Toolbox;
  before(async () => {
    writeFileSync(join(folder, 'a.txt'), 'the first file');
    process.env.COUNTERSIGN_TEST_TOKEN = 'xoxb-ours';
    toolbox = open(
      stdio('everything', [packaged('server-everything')], { FOR_THE_SERVER: 'yes' }),
      stdio('files', [packaged('server-filesystem'), folder]),
    );
    await allUp(toolbox);
  });
  after(() => toolbox.close());

  it('are there with their tools, their schemas, and which of them only read', async () => {
    assert.deepEqual(toolbox.problems(), []);
    const tools = new Map((await toolbox.list()).map((tool) => [tool.name, tool]));
    assert.equal(tools.get('files__read_text_file')?.readOnly, true);
    assert.equal(tools.get('files__write_file')?.readOnly, false);
    assert.equal(tools.get('fetch_url')?.readOnly, true);
    const sum = tools.get('everything__get-sum');
    assert.deepEqual(sum?.inputSchema.required, ['a', 'b']);
    assert.ok(sum?.description);
  });

  it('answer text, and say themselves when something goes wrong', async () => {
    const sum = await asPort(toolbox).call('everything__get-sum', { a: 2, b: 3 });
    assert.match(textOf(sum), /5/);
    assert.equal(sum.isError, false);
    const read = await toolbox.call('files__read_text_file', { path: join(folder, 'a.txt') });
    assert.equal(textOf(read), 'the first file');
    const outside = await toolbox.call('files__read_text_file', { path: '/etc/hostname' });
    assert.equal(outside.isError, true);
    assert.match(textOf(outside), /Access denied/);
  });

  it('answer images, links and structure', async () => {
    const { content } = await toolbox.call('everything__get-tiny-image', {});
    const image = content.find(({ type }) => type === 'image');
    assert.equal((image?.source as { media_type?: string })?.media_type, 'image/png');
    const links = await toolbox.call('everything__get-resource-links', { count: 2 });
    assert.match(textOf(links), /\[Link: demo:\/\/resource\//);
    const weather = await toolbox.call('everything__get-structured-content', { location: 'Chicago' });
    assert.match(textOf(weather), /temperature/);
    const resource = await toolbox.call('everything__get-resource-reference', {
      resourceType: 'Text',
      resourceId: 1,
    });
    assert.match(textOf(resource), /\[Resource: demo:\/\/resource/);
  });

  it('are not called with arguments that don’t match the schema', async () => {
    await assert.rejects(
      toolbox.call('everything__get-sum', { a: 'two' }),
      failure('InvalidArguments', false, /get-sum.*was not called.*b/),
    );
    assert.match((await toolbox.findInputProblem('everything__get-sum', { a: 'two' })) ?? '', /b/);
    assert.equal(await toolbox.findInputProblem('everything__get-sum', { a: 1, b: 2 }), undefined);
    assert.equal(await toolbox.findInputProblem('everything__nope', {}), undefined, 'its server must say');
    await assert.rejects(toolbox.call('everything__nope', {}), failure('UnknownTool', false));
    await assert.rejects(toolbox.call('nobody__nope', {}), failure('UnknownTool', false));
  });

  it('get their own environment, and none of ours', async () => {
    const env = JSON.parse(textOf(await toolbox.call('everything__get-env', {})));
    assert.equal(env.FOR_THE_SERVER, 'yes');
    assert.equal(env.PATH, process.env.PATH);
    assert.equal(env.COUNTERSIGN_TEST_TOKEN, undefined);
  });

  it('make several calls side by side', async () => {
    const calls = Array.from({ length: 10 }, (_, index) =>
      toolbox.call('everything__get-sum', { a: index, b: 0 }),
    );
    const texts = (await Promise.all(calls)).map(textOf);
    for (const [index, text] of texts.entries()) assert.match(text, new RegExp(`\\b${index}\\b`));
  });

  it('can be told to stop', async () => {
    const abort = new AbortController();
    const call = toolbox.call(
      'everything__trigger-long-running-operation',
      { duration: 60, steps: 60 },
      { signal: abort.signal },
    );
    await pause(300);
    const reason = new Error('nobody wants it any more');
    abort.abort(reason);
    await assert.rejects(call, reason);
    await assert.rejects(
      toolbox.call('everything__echo', { message: 'x' }, { signal: abort.signal }),
      reason,
    );
    assert.match(textOf(await toolbox.call('everything__echo', { message: 'still there' })), /still there/);
  });
});

describe('an odd server', () => {
  const file = join(folder, 'odd.log');
  const calls = () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []);
  let toolbox: Toolbox;
  before(async () => {
    toolbox = open({
      ...stdio('odd', [script('../../support/mcp/odd-server.mjs'), file]),
      secrets: ['s3cret-of-the-server'],
    });
    await allUp(toolbox);
  });
  after(() => toolbox.close());
  beforeEach(() => writeFileSync(file, ''));

  it('is listed page by page, by names that the Messages API takes, but for what it wouldn’t take at all', async () => {
    const names = (await toolbox.list()).map(({ name }) => name);
    assert.ok(names.includes('odd__big') && names.includes('odd__shapeless'));
    const dotted = names.filter((name) => name.startsWith('odd__files_read_'));
    assert.equal(new Set(dotted).size, 2);
    for (const name of names) assert.match(name, /^[A-Za-z0-9_-]{1,64}$/);
    assert.ok(!names.some((name) => /spaced|deep/.test(name)));
    const either = (await toolbox.list()).find(({ name }) => name === 'odd__either');
    assert.equal(either?.inputSchema.anyOf, undefined);
    assert.match(either?.description ?? '', /anyOf/);
  });

  it('is subject to rules by its own names, where the offered ones are cut', async () => {
    const long = (await toolbox.list()).find(({ name }) => name.startsWith('odd__long_'));
    assert.deepEqual(long?.aliases, [`odd__long_${'x'.repeat(100)}`]);
    const rules = [{ match: `odd__*${'X'.repeat(90)}`, rule: 'deny' as const }];
    assert.equal(long && ruleFor(rules, long), 'deny');
  });

  it('is called by its own names', async () => {
    const names = (await toolbox.list()).map(({ name }) => name);
    const real = new Set<string>();
    for (const name of names.filter((one) => one.startsWith('odd__files') || one.startsWith('odd__long'))) {
      real.add(textOf(await toolbox.call(name, {})));
    }
    assert.deepEqual(
      real,
      new Set(['called as files.read', 'called as files/read', `called as long_${'x'.repeat(100)}`]),
    );
    await assert.rejects(toolbox.call('odd__either', {}), failure('InvalidArguments', false));
    assert.equal(textOf(await toolbox.call('odd__either', { b: 'x' })), 'called as either');
  });

  it('may answer with a long integer: the model gets all of its digits, and can send it back', async () => {
    const spec = (await toolbox.list()).find(({ name }) => name === 'odd__record');
    const { id } = (spec?.inputSchema.properties ?? {}) as { id?: object };
    assert.deepEqual(id, { type: 'integer', maximum: 2 ** 63 }, 'a schema keeps its numbers');
    const given = { id: '2512292042121000001', others: ['9007199254740993'] };
    const answer = textOf(await toolbox.call('odd__record', given));
    assert.deepEqual(JSON.parse(answer), { id: '2512292042121000001', given: '2512292042121000001' });
    await assert.rejects(toolbox.call('odd__record', { id: 'x' }), failure('InvalidArguments', false));
  });

  it('may have a pattern that takes years: the service goes on, and the server decides', async () => {
    const pause = measureLongestPause();
    const text = `${'a'.repeat(50)}!`;
    const answer = await toolbox.call('odd__expensive', { text });
    const longest = pause.stop();
    assert.match(textOf(answer), /called as expensive/);
    assert.ok(longest < 1_000, `nothing was blocked for long (${longest} ms)`);
    // Other tools are still checked, and this one isn't waited for again.
    await assert.rejects(toolbox.call('odd__either', {}), failure('InvalidArguments', false));
    const began = performance.now();
    await toolbox.call('odd__expensive', { text });
    assert.ok(performance.now() - began < 900, 'it is not waited for again');
  });

  it('may say too much', async () => {
    const big = await toolbox.call('odd__big', { bytes: 3_000_000 });
    assert.equal(big.cut, true);
    assert.match(textOf(big), /\[2,900,000 bytes more were cut off here/);
    assert.ok(JSON.stringify(big).length < 110_000);
  });

  it('may answer with an error of the protocol, which is an answer', async () => {
    const refused = await toolbox.call('odd__refuse', {});
    assert.deepEqual([textOf(refused), refused.isError], ['Not today', true]);
  });

  it('may get a new tool while it runs', async () => {
    assert.ok(!(await toolbox.list()).some(({ name }) => name === 'odd__grown'));
    await toolbox.call('odd__grow', {});
    await until('it is listed', async () => (await toolbox.list()).some(({ name }) => name === 'odd__grown'));
    assert.equal(textOf(await toolbox.call('odd__grown', {})), 'called as grown');
  });

  it('hears of a cancellation', async () => {
    const abort = new AbortController();
    const call = toolbox.call('odd__hang', {}, { signal: abort.signal });
    await until('the call arrives', () => calls().includes('hang'));
    abort.abort(new Error('stop'));
    await assert.rejects(call, /stop/);
    await until('the cancellation arrives', () => calls().includes('cancelled'));
  });

  it('that dies in the middle of a call leaves nobody knowing, was called once, and is started again', async () => {
    const hanging = toolbox.call('odd__hang', {});
    hanging.catch(() => 'looked at below');
    await until('the other call arrives', () => calls().includes('hang'));
    await assert.rejects(toolbox.call('odd__die', {}), failure('AnswerLost', false, /not known whether die/));
    await assert.rejects(hanging, failure('AnswerLost', false));
    const [problem] = toolbox.problems();
    assert.equal(problem?.server, 'odd');
    assert.match(problem?.reason ?? '', /It last said: Something broke, the key is \[redacted\]/);
    // A call that comes while it is being started again waits for it.
    assert.equal(textOf(await toolbox.call('odd__either', { a: 'x' })), 'called as either');
    assert.deepEqual(toolbox.problems(), []);
    assert.deepEqual(calls(), ['hang', 'die', 'either']);
    assert.ok(!logged.join('\n').includes('s3cret'), 'its secrets are in no log');
  });

  it('that says more at once than can be read leaves nobody knowing, too', async () => {
    await assert.rejects(toolbox.call('odd__big', { bytes: 12_000_000 }), failure('AnswerLost', false));
    assert.match(toolbox.problems()[0]?.reason ?? '', /more at once than can be read/);
    await allUp(toolbox);
  });

  it('that is killed is there again for the next list', async () => {
    process.kill(pidOf(`odd-server.mjs ${file}`), 'SIGKILL');
    await until('it is noticed', () => toolbox.problems().length === 1);
    const names = (await toolbox.list()).map(({ name }) => name);
    assert.ok(names.includes('odd__big'), names.join());
  });
});

describe('servers that don’t come up', () => {
  it('are named with the reason, and the rest work', async () => {
    const path = join(folder, 'mcp.json');
    const silent = 'setInterval(() => {}, 1000)';
    const config = {
      mcpServers: {
        files: { command: process.execPath, args: ['${SERVER}', '${DIR:-/nowhere}'] },
        missing: { command: 'no-such-program' },
        leaving: {
          command: process.execPath,
          args: ['-e', 'console.error("no key given"); process.exit(1)'],
        },
        silent: { command: process.execPath, args: ['-e', silent] },
        away: { url: 'http://127.0.0.1:9/mcp' },
        unset: { command: 'x', env: { KEY: '${NO_SUCH_VARIABLE}' } },
      },
    };
    writeFileSync(path, JSON.stringify(config));
    const env = { SERVER: packaged('server-filesystem'), DIR: folder };
    const startedAt = Date.now();
    const toolbox = open(...readMcpConfig(path, env));
    try {
      await toolbox.started();
      assert.ok(Date.now() - startedAt < 6_500, 'the start is not held up');
      const reasons = Object.fromEntries(toolbox.problems().map(({ server, reason }) => [server, reason]));
      assert.match(reasons.missing ?? '', /command was not found/);
      assert.match(reasons.leaving ?? '', /It last said: no key given/);
      assert.match(reasons.silent ?? '', /is still starting/);
      assert.match(reasons.away ?? '', /can't be reached|bad port/);
      assert.match(reasons.unset ?? '', /env\.KEY needs NO_SUCH_VARIABLE/);
      assert.equal(reasons.files, undefined);
      const read = await toolbox.call('files__read_text_file', { path: join(folder, 'a.txt') });
      assert.equal(textOf(read), 'the first file');
      const listedAt = Date.now();
      await toolbox.list();
      assert.ok(Date.now() - listedAt < 500, 'nobody waits for them a second time');
      await assert.rejects(
        toolbox.call('leaving__x', {}),
        failure('ToolUnavailable', true, /leaving is not available/),
      );
      await assert.rejects(
        toolbox.call('unset__x', {}),
        failure('ToolUnavailable', false, /NO_SUCH_VARIABLE/),
      );
    } finally {
      await toolbox.close();
    }
    const left = processes().filter(
      ({ parent, command }) => parent === process.pid && command.includes(silent),
    );
    assert.deepEqual(left, [], 'nor is one left that ignores the end');
  });
});

describe('a server over HTTP', () => {
  async function startEverything(port: number) {
    const child = spawn(process.execPath, [packaged('server-everything'), 'streamableHttp'], {
      env: { PATH: process.env.PATH, PORT: String(port) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise<void>((resolve) => {
      createInterface({ input: child.stderr }).on('line', (line) => line.includes('listening') && resolve());
    });
    return async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    };
  }

  async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  it('works, and works again after it was started anew', async () => {
    const port = await freePort();
    let stop = await startEverything(port);
    const toolbox = open({
      name: 'web',
      transport: 'http',
      url: `http://127.0.0.1:${port}/mcp`,
      headers: {},
    });
    try {
      await allUp(toolbox);
      assert.match(textOf(await toolbox.call('web__echo', { message: 'hello' })), /hello/);

      const long = toolbox.call('web__trigger-long-running-operation', { duration: 60, steps: 3 });
      long.catch(() => 'looked at below');
      await pause(500);
      await stop();
      await assert.rejects(long, failure('AnswerLost', false));
      await until('it is noticed', () => toolbox.problems().length === 1);
      await assert.rejects(toolbox.call('web__echo', { message: 'x' }), failure('ToolUnavailable', true));

      stop = await startEverything(port);
      await until('it is there again', () => toolbox.problems().length === 0);
      // Started anew between two calls, it knows nothing of the session: the call is made in a new one.
      await stop();
      stop = await startEverything(port);
      assert.match(textOf(await toolbox.call('web__echo', { message: 'again' })), /again/);
    } finally {
      await toolbox.close();
      await stop();
    }
  });

  /** A server that answers the handshake well, and calls as the test says. */
  async function withServer(
    onCall: (id: number, response: ServerResponse, request: IncomingMessage) => void,
    test: (toolbox: Toolbox, calls: () => number) => Promise<void>,
    onGet: (response: ServerResponse) => void = (response) => response.writeHead(405).end(),
  ): Promise<void> {
    let calls = 0;
    const listener: RequestListener = async (request, response) => {
      if (request.method === 'GET') return onGet(response);
      if (request.method === 'DELETE') return response.writeHead(405).end();
      const { id, method } = JSON.parse(Buffer.concat(await request.toArray()).toString());
      const say = (result: object) =>
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      if (id === undefined) return response.writeHead(202).end();
      if (method === 'initialize') {
        return say({
          protocolVersion: '2025-06-18',
          capabilities: { tools: {} },
          serverInfo: { name: 's', version: '1' },
        });
      }
      if (method === 'tools/list') return say({ tools: [{ name: 'do', inputSchema: { type: 'object' } }] });
      if (method === 'ping') return say({});
      calls += 1;
      return onCall(id, response, request);
    };
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    const toolbox = open({ name: 'web', transport: 'http', url, headers: { Authorization: 'Bearer key' } });
    try {
      await allUp(toolbox);
      await test(toolbox, () => calls);
    } finally {
      await toolbox.close();
      server.closeAllConnections();
      server.close();
    }
  }

  const lost: [string, (id: number, response: ServerResponse, request: IncomingMessage) => void][] = [
    ['a connection that is reset', (_, response) => response.socket?.resetAndDestroy()],
    [
      'an answer that breaks off',
      (_, response) => {
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
          .write('{"jsonrpc"');
        setTimeout(() => response.destroy(), 50);
      },
    ],
    [
      'a stream that ends without an answer',
      (_, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(': nothing\n\n'),
    ],
    [
      'a stream that breaks off',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': working\n\n');
        setTimeout(() => response.destroy(), 50);
      },
    ],
    ['status 500', (_, response) => response.writeHead(500).end('oops')],
    ['status 504', (_, response) => response.writeHead(504).end()],
    [
      'an answer of another type',
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello'),
    ],
  ];
  for (const [what, onCall] of lost) {
    it(`leaves nobody knowing after ${what}, and is called once`, async () => {
      await withServer(onCall, async (toolbox, calls) => {
        const startedAt = Date.now();
        await assert.rejects(toolbox.call('web__do', {}), failure('AnswerLost', false));
        assert.ok(Date.now() - startedAt < 5_000);
        assert.equal(calls(), 1);
      });
    });
  }

  it('leaves nobody knowing after a stream that could be taken up again, but isn’t', async () => {
    await withServer(
      (_, response) =>
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: 1\nretry: 50\ndata:\n\n'),
      async (toolbox, calls) => {
        await assert.rejects(toolbox.call('web__do', {}), failure('AnswerLost', false));
        assert.equal(calls(), 1);
      },
      (response) => response.writeHead(500).end(),
    );
  });

  it('may finish its answer in another stream', async () => {
    let callId = 0;
    await withServer(
      (id, response) => {
        callId = id;
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end('id: 1\nretry: 50\ndata:\n\n');
      },
      async (toolbox, calls) => {
        assert.equal(textOf(await toolbox.call('web__do', {})), 'late');
        assert.equal(calls(), 1);
      },
      (response) => {
        if (callId === 0) return response.writeHead(405).end();
        const result = { content: [{ type: 'text', text: 'late' }] };
        const answer = JSON.stringify({ jsonrpc: '2.0', id: callId, result });
        return response
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .end(`id: 2\ndata: ${answer}\n\n`);
      },
    );
  });

  const structured = (id: number) =>
    `{"jsonrpc":"2.0","id":${id},"result":{"content":[],"structuredContent":{"id":2512292042121000001}}}`;
  const forms: [string, (id: number, response: ServerResponse) => void][] = [
    [
      'JSON',
      (id, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(structured(id)),
    ],
    [
      'events, in pieces',
      (id, response) => {
        const event = `id: 9007199254740993\r\ndata: ${structured(id)}\r\n\r\n`;
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event.slice(0, 100));
        setTimeout(() => response.end(event.slice(100)), 50);
      },
    ],
  ];
  for (const [form, answer] of forms) {
    it(`may answer with a long integer in ${form}: the model gets all of its digits`, async () => {
      await withServer(answer, async (toolbox) => {
        assert.equal(textOf(await toolbox.call('web__do', {})), '{"id":"2512292042121000001"}');
      });
    });
  }

  for (const status of [401, 403]) {
    it(`says that the credentials are refused after status ${status}`, async () => {
      await withServer(
        (_, response) => response.writeHead(status).end(),
        async (toolbox, calls) => {
          await assert.rejects(
            toolbox.call('web__do', {}),
            failure('ToolUnavailable', false, /refuses the credentials.*MCP_CONFIG/),
          );
          assert.equal(calls(), 1);
        },
      );
    });
  }

  it('may answer what nobody knows yet; the rest of it is kept', async () => {
    await withServer(
      (id, response) => {
        const result = {
          content: [
            { type: 'hologram', depth: 3 },
            { type: 'text', text: 'beside it' },
          ],
        };
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      },
      async (toolbox) => {
        assert.match(textOf(await toolbox.call('web__do', {})), /type "hologram".*\nbeside it/);
      },
    );
  });

  it('is sent its headers', async () => {
    await withServer(
      (id, response, request) => {
        const result = { content: [{ type: 'text', text: request.headers.authorization }] };
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      },
      async (toolbox) => assert.equal(textOf(await toolbox.call('web__do', {})), 'Bearer key'),
    );
  });
});

describe('the to-do list', () => {
  const path = join(folder, 'todo', 'list.json');

  it('reads and writes, keeps its file, and says which tools change something', async () => {
    let toolbox = open({ name: 'todo', transport: 'stdio', ...todoServer(path) });
    try {
      await allUp(toolbox);
      const tools = Object.fromEntries((await toolbox.list()).map(({ name, readOnly }) => [name, readOnly]));
      assert.deepEqual(tools, {
        fetch_url: true,
        todo__list_todos: true,
        todo__get_todo: true,
        todo__add_todo: false,
        todo__complete_todo: false,
        todo__remove_todo: false,
      });
      const dangerous = (await toolbox.list()).filter(isDangerous).map(({ name }) => name);
      assert.deepEqual(dangerous, ['todo__remove_todo'], 'its server says that it destroys something');
      const seeded = textOf(await toolbox.call('todo__list_todos', {})).split('\n').length;
      assert.ok(seeded >= 4);
      const added = await toolbox.call('todo__add_todo', {
        title: 'Water the plants',
        owner: 'Ana',
        due: '2026-12-01',
      });
      const [, id] = /Added: (\d+)\./.exec(textOf(added)) ?? [];
      await toolbox.call('todo__complete_todo', { id: 1 });
      await toolbox.call('todo__remove_todo', { id: 2 });
      await toolbox.close();

      toolbox = open({ name: 'todo', transport: 'stdio', ...todoServer(path) });
      await allUp(toolbox);
      const open1 = textOf(await toolbox.call('todo__list_todos', { done: false }));
      assert.match(open1, /Water the plants \(for Ana, due 2026-12-01\)/);
      assert.doesNotMatch(open1, /^[12]\. /m);
      assert.match(textOf(await toolbox.call('todo__get_todo', { id: 1 })), /\[x\]/);
      assert.equal((await toolbox.call('todo__remove_todo', { id: 2 })).isError, true);
      const next = textOf(await toolbox.call('todo__add_todo', { title: 'And the cactus' }));
      assert.match(next, new RegExp(`Added: ${Number(id) + 1}\\.`));
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, i) => toolbox.call('todo__add_todo', { title: `item ${i}` })),
      );
      assert.equal(new Set(all.map(textOf)).size, 10);
      assert.equal(textOf(await toolbox.call('todo__list_todos', {})).split('\n').length, seeded + 11);
    } finally {
      await toolbox.close();
    }
  });

  it('is whole after a crash in the middle of a change', async () => {
    const slow = open({ name: 'todo', transport: 'stdio', ...todoServer(path, { delayMs: 60_000 }) });
    try {
      await allUp(slow);
      const before = readFileSync(path, 'utf8');
      const call = slow.call('todo__add_todo', { title: 'Never' });
      call.catch(() => 'looked at below');
      await pause(300);
      process.kill(pidOf(`todo-server/index.ts ${path}`), 'SIGKILL');
      await assert.rejects(call, failure('AnswerLost', false));
      assert.equal(readFileSync(path, 'utf8'), before);
      assert.ok(JSON.parse(before).todos.length > 0);
    } finally {
      await slow.close();
    }
  });
});

describe('a service that is killed', () => {
  it('leaves no server behind', async () => {
    const servers = [
      stdio('everything', [packaged('server-everything')]),
      stdio('files', [packaged('server-filesystem'), folder]),
      { name: 'todo', transport: 'stdio', ...todoServer(join(folder, 'killed.json')) },
    ];
    const child = spawn(
      process.execPath,
      [...tsx, script('../../support/mcp/keep-servers.ts'), JSON.stringify(servers)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const line = await new Promise<string>((resolve) =>
      createInterface({ input: child.stdout }).once('line', resolve),
    );
    assert.ok(
      JSON.parse(line).every(({ tools }: { tools: number }) => tools > 0),
      line,
    );
    const pids = processes()
      .filter(({ parent }) => parent === child.pid)
      .map(({ pid }) => pid);
    assert.ok(pids.length >= 3, String(pids));
    child.kill('SIGKILL');
    await until('all of them end', () => !processes().some(({ pid }) => pids.includes(pid)), 10_000);
  });
});
