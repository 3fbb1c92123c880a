import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { textOf } from '../../../src/run/execution/tools.js';
import { createToolbox, type ServerSettings, type Toolbox } from '../../../src/tools/index.js';
import { ANSWERS, answer, toJson } from '../../support/mcp/quirks.js';

const folder = mkdtempSync(join(tmpdir(), 'quirks-'));
after(() => rmSync(folder, { recursive: true }));
const silent = () => {};
const open = (...servers: ServerSettings[]) =>
  createToolbox({ servers, log: { debug: silent, info: silent, warn: silent } });

async function settled(toolbox: Toolbox): Promise<void> {
  const isStarting = () => toolbox.problems().some(({ reason }) => reason === 'it is still starting.');
  for (const deadline = Date.now() + 30_000; isStarting() && Date.now() < deadline; ) await pause(50);
}

const NOTHING = /^\(The tool answered nothing\.\)$/;
const DONE = /^done$/;
/** Text that a run sees for each answer; true: as an error. */
const SEEN: Record<string, [RegExp, boolean]> = {
  null_result: [NOTHING, false],
  no_result: [/neither a result nor an error/, true],
  null_parts: [NOTHING, false],
  odd_meta: [DONE, false],
  text_result: [DONE, false],
  text_content: [DONE, false],
  one_block: [DONE, false],
  plain_blocks: [DONE, false],
  null_error: [DONE, false],
  null_beside_error: [/^not today$/, true],
  no_message: [/without a message.*-32000/, true],
  null_message: [/the disk is full/, true],
  text_error: [/^not today$/, true],
  text_code: [/^not today$/, true],
  more_keys: [DONE, false],
  no_version: [DONE, false],
  text_id: [DONE, false],
  other_id: [DONE, false],
  not_a_number: [/not in valid JSON/, true],
  in_a_list: [DONE, false],
  no_id: [/^Internal error$/, true],
};

async function listen(listener: RequestListener): Promise<{ url: string; close(): void }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url, close };
}

describe('a server that writes null for what is absent, and other quirks', () => {
  const file = join(folder, 'calls.log');
  const called: string[] = [];
  const forms: Record<string, (response: ServerResponse, message: object) => void> = {
    'over HTTP': (response, message) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(toJson(message)),
    'over HTTP, in a stream': (response, message) =>
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end(`event: message\ndata: ${toJson(message)}\n\n`),
    'over HTTP, in a list': (response, message) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(`[${toJson(message)}]`),
    'over HTTP, without a content type': (response, message) =>
      response.writeHead(200).end(`\uFEFF${toJson(message)}`),
    'over HTTP, its errors with status 500': (response, message) =>
      response
        .writeHead('error' in (message as object) && (message as { error: unknown }).error ? 500 : 200, {
          'content-type': 'application/json',
        })
        .end(toJson(message)),
  };
  const starts: [string, () => Promise<{ settings: ServerSettings; calls(): string[]; close(): void }>][] = [
    [
      'over stdio',
      async () => {
        writeFileSync(file, '');
        const script = fileURLToPath(new URL('../../support/mcp/quirk-server.ts', import.meta.url));
        const args = ['--import', import.meta.resolve('tsx'), script, file];
        return {
          settings: { name: 'q', transport: 'stdio', command: process.execPath, args, env: {} },
          calls: () => readFileSync(file, 'utf8').trim().split('\n'),
          close: silent,
        };
      },
    ],
    ...Object.entries(forms).map(([form, say]): (typeof starts)[number] => [
      form,
      async () => {
        called.length = 0;
        const { url, close } = await listen(async (request, response) => {
          if (request.method !== 'POST') return response.writeHead(405).end();
          const message = JSON.parse(Buffer.concat(await request.toArray()).toString());
          if (message.method === 'tools/call') called.push(message.params.name);
          const said = answer(message);
          return said ? say(response, said) : response.writeHead(202).end();
        });
        return { settings: { name: 'q', transport: 'http', url, headers: {} }, calls: () => called, close };
      },
    ]),
  ];
  for (const [form, start] of starts) {
    describe(form, () => {
      let toolbox: Toolbox;
      let server: Awaited<ReturnType<typeof start>>;
      before(async () => {
        server = await start();
        toolbox = open(server.settings);
        await settled(toolbox);
      });
      after(async () => {
        await toolbox.close();
        server.close();
      });

      it('is there with all of its tools', async () => {
        assert.deepEqual(toolbox.problems(), []);
        const names = (await toolbox.list()).map(({ name }) => name).filter((name) => name.startsWith('q__'));
        const expected = [...Object.keys(ANSWERS), 'odd_texts'].map((name) => `q__${name}`);
        assert.deepEqual(names, expected);
        const { inputSchema } = (await toolbox.list()).find(({ name }) => name === 'q__no_id') ?? {};
        const { kind } = (inputSchema?.properties ?? {}) as { kind?: object };
        assert.deepEqual(kind, { enum: ['a', null] }, 'a null in a schema stays');
      });

      for (const [name, [text, isError]] of Object.entries(SEEN)) {
        // With status 500 and no id, nobody can tell whose answer it is; nor over stdio with the id of no request.
        if (form.includes('500') && name === 'no_id') continue;
        if (form === 'over stdio' && name === 'other_id') continue;
        it(`answers ${name.replaceAll('_', ' ')}: at once, once, and nobody is asked whether it happened`, async () => {
          const startedAt = Date.now();
          const answered = await toolbox.call(`q__${name}`, {}, { signal: AbortSignal.timeout(5_000) });
          assert.ok(Date.now() - startedAt < 3_000);
          assert.match(textOf(answered), text);
          assert.equal(answered.isError, isError);
          assert.equal(server.calls().filter((one) => one === name).length, 1);
        });
      }
    });
  }
});

describe('an error of MCP under status 400', () => {
  /** Starts a server that refuses the first call, and what follows in the same session, in this way. */
  const refusing = async (error: object) => {
    const seen: string[] = [];
    const { url, close } = await listen(async (request, response) => {
      if (request.method !== 'POST') return response.writeHead(405).end();
      const message = JSON.parse(Buffer.concat(await request.toArray()).toString());
      seen.push(message.method);
      const sessions = seen.filter((method) => method === 'initialize').length;
      const isRefused = sessions === 1 && seen.includes('tools/call');
      const said = isRefused ? { jsonrpc: '2.0', id: message.id, error } : answer(message);
      if (!said) return response.writeHead(202).end();
      return response
        .writeHead(isRefused ? 400 : 200, { 'content-type': 'application/json' })
        .end(toJson(said));
    });
    const toolbox = open({ name: 'q', transport: 'http', url, headers: {} });
    await settled(toolbox);
    const end = async () => {
      await toolbox.close();
      close();
    };
    return { toolbox, seen, end };
  };

  it('is the answer where it is about the call', async () => {
    const { toolbox, end } = await refusing({ code: -32602, message: 'No such page' });
    const refused = await toolbox.call('q__text_result', {}).finally(end);
    assert.deepEqual([textOf(refused), refused.isError], ['No such page', true]);
  });

  it('makes a new session where the server doesn’t know the old one, and the call is made there', async () => {
    const { toolbox, seen, end } = await refusing({ code: -32000, message: 'Session not found' });
    const answered = await toolbox.call('q__text_result', {}).finally(end);
    assert.deepEqual([textOf(answered), answered.isError], ['done', false]);
    assert.equal(seen.filter((method) => method === 'initialize').length, 2);
  });
});
