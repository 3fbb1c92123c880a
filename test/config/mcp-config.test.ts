// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are variables of the file that is read
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readConfig } from '../../src/config/environment.js';
import { readMcpConfig } from '../../src/config/mcp/mcp-file.js';
import { ConfigError } from '../../src/platform/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'mcp-'));
after(() => rmSync(folder, { recursive: true }));
const file = (content: string | object) => {
  const path = join(folder, 'mcp.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const read = (mcpServers: object, env: NodeJS.ProcessEnv = {}) => readMcpConfig(file({ mcpServers }), env);

describe('the file of MCP servers', () => {
  it('is read as other clients write it, their own keys left alone', () => {
    const servers = read({
      files: { command: 'npx', args: ['-y', 'server'], env: { A: 'b' }, cwd: '/srv', autoApprove: ['x'] },
      plain: { type: 'stdio', command: 'server' },
      web: { type: 'http', url: 'https://example.com/mcp', headers: { Authorization: 'Bearer 1' } },
      other: { type: 'streamable-http', url: 'https://example.org/mcp' },
      untyped: { url: 'http://localhost:3000/mcp' },
      off: { command: 'server', disabled: true },
    });
    assert.deepEqual(
      servers.map(({ secrets: _, ...server }) => server),
      [
        {
          name: 'files',
          transport: 'stdio',
          command: 'npx',
          args: ['-y', 'server'],
          env: { A: 'b' },
          cwd: '/srv',
        },
        { name: 'plain', transport: 'stdio', command: 'server', args: [], env: {} },
        {
          name: 'web',
          transport: 'http',
          url: 'https://example.com/mcp',
          headers: { Authorization: 'Bearer 1' },
        },
        { name: 'other', transport: 'http', url: 'https://example.org/mcp', headers: {} },
        { name: 'untyped', transport: 'http', url: 'http://localhost:3000/mcp', headers: {} },
      ],
    );
  });

  it('has variables in every value, with defaults, and empty means unset', () => {
    const env = { TOKEN: 'a-long-token', DIR: '/data', EMPTY: '' };
    const [server, web] = read(
      {
        a: {
          command: '${DIR}/bin/server',
          args: ['--dir=${DIR}', '${EMPTY:-fallback}', '${NONE:-}', '$HOME ${not a name}'],
          env: { KEY: 'x${TOKEN}y${TOKEN}' },
          cwd: '${DIR}',
        },
        b: { url: 'https://${HOST:-example.com}/mcp', headers: { Authorization: 'Bearer ${TOKEN}' } },
      },
      env,
    );
    assert.ok(server?.transport === 'stdio' && web?.transport === 'http');
    assert.equal(server.command, '/data/bin/server');
    assert.deepEqual(server.args, ['--dir=/data', 'fallback', '', '$HOME ${not a name}']);
    assert.deepEqual(server.env, { KEY: 'xa-long-tokenya-long-token' });
    assert.equal(server.cwd, '/data');
    assert.equal(web.url, 'https://example.com/mcp');
    assert.ok(web.secrets?.includes('a-long-token'), 'the token is known as a secret');
    assert.ok(!server.secrets?.includes('/data'), 'a path is none');
  });

  it('hides a key that begins like a path, and each line of one with several', () => {
    const lines = ['-----BEGIN KEY-----', 'bGluZSBvbmU', '-----END KEY-----'];
    const env = { KEY: '/bPxRfiCYEXAMPLEKEY', PEM: lines.join('\n'), PLACE: '/tmp/no-such-file' };
    const [server] = read({ server: { command: 'x', env } });
    for (const secret of [env.KEY, ...lines]) assert.ok(server?.secrets?.includes(secret), secret);
    assert.ok(!server?.secrets?.includes(env.PLACE), 'a path is none');
  });

  it('names a server whose variable is not set as not available; the others are there', () => {
    const [broken, well] = read({
      github: { url: 'https://example.com/mcp', headers: { Authorization: 'Bearer ${GITHUB_TOKEN}' } },
      well: { command: 'server' },
    });
    assert.ok(broken?.transport === 'none');
    assert.match(broken.problem, /headers\.Authorization needs GITHUB_TOKEN, which is not set/);
    assert.equal(well?.transport, 'stdio');
  });

  const wrong: [string, string | object, RegExp][] = [
    [
      'a comma that is missing',
      '{\n  "mcpServers": {\n    "a": { "command": "x" }\n    "b": { "command": "x" }\n  }\n}',
      /line 4: is not JSON/,
    ],
    [
      'a word without quotes',
      '{\n"mcpServers": {\n"a": { "command": npx, "args": ["one", "two"] }}}',
      /line 3: is not JSON/,
    ],
    ['a file that ends early', '{\n"mcpServers": {\n', /line 3: is not JSON/],
    ['an empty file', '', /line 1: is not JSON/],
    ['no JSON at all', 'mcpServers:\n', /line 1: is not JSON/],
    ['another key', { tools: {} }, /mcpServers or servers must be an object.*\{"mcpServers"/],
    ['a list', { mcpServers: [] }, /mcpServers or servers must be an object/],
    ['a list at the top', [], /mcpServers or servers must be an object/],
  ];
  for (const [what, content, message] of wrong) {
    it(`ends the start, in one line, with ${what}`, () => {
      const path = file(content);
      assert.throws(
        () => readMcpConfig(path, {}),
        (error) => {
          assert.ok(error instanceof ConfigError, String(error));
          assert.ok(error.message.startsWith(`MCP_CONFIG: ${path}`), error.message);
          assert.match(error.message, message);
          assert.ok(!error.message.includes('\n'));
          return true;
        },
      );
    });
  }

  const wrongEntries: [string, unknown, RegExp][] = [
    ['a server that is no object', 'npx', /no object.*"command"/],
    ['null in its place', null, /no object/],
    [
      'a transport that MCP doesn’t have',
      { type: 'ws', url: 'wss://x' },
      /type: "ws" is not spoken here.*"http"/,
    ],
    ['neither command nor url', {}, /command or url is missing/],
    ['http without url', { type: 'http' }, /url is missing/],
    ['both', { command: 'x', url: 'https://x.example' }, /has both/],
    ["a type that doesn't fit", { type: 'http', command: 'x' }, /type: "http" doesn't allow command/],
    ['args of objects', { command: 'x', args: [{}] }, /args\.0: must be a text/],
    ['args in one text', { command: 'x', args: '-y server' }, /args: must be a list of texts/],
    ['a list for env', { command: 'x', env: ['A=1'] }, /env: must be an object of texts/],
    [
      'a header with a blank that nobody sees',
      { url: 'https://x', headers: { Authorization: 'Bearer a\u00A0b' } },
      /headers.Authorization: holds U\+00A0/,
    ],
    ['an address of another kind', { url: 'ftp://x' }, /url: is no http/],
    ['an address that is empty', { url: '' }, /url: is empty/],
    ['a password in the address', { url: 'https://a:b@x.example' }, /url: .*headers/],
    ['a header on two lines', { url: 'https://x.example', headers: { A: 'b\nc' } }, /headers\.A: /],
    [
      'a question of VS Code to a person',
      { command: 'x', env: { A: '${input:key}' } },
      /env\.A: \$\{input:key\} is not understood here/,
    ],
    ['a file of variables that isn’t there', { command: 'x', envFile: '/nowhere/.env' }, /envFile: .*ENOENT/],
    ['a time-out that is no number', { command: 'x', timeout: 'long' }, /timeout: must be a number/],
  ];
  for (const [what, entry, message] of wrongEntries) {
    it(`leaves out a server, by name and with the reason, for ${what}; the others are there`, () => {
      const [first, broken, last] = read({ first: { command: 'x' }, broken: entry, last: { command: 'x' } });
      assert.deepEqual([first?.transport, last?.transport], ['stdio', 'stdio']);
      assert.ok(broken?.name === 'broken' && broken.transport === 'none');
      assert.match(broken.problem, message);
      assert.match(broken.problem, /MCP_CONFIG/);
    });
  }

  it('leaves out the second of two servers whose names become one', () => {
    const [first, second] = read({ 'my files': { command: 'x' }, my_files: { command: 'y' } });
    assert.equal(first?.transport, 'stdio');
    assert.ok(second?.transport === 'none');
    assert.match(second.problem, /its tools would be called my_files__.*"my files"/);
  });

  it('understands the spellings of all clients', () => {
    const url = 'https://x.example/mcp';
    const servers = read({
      a: { type: 'sse', url },
      b: { type: 'streamableHttp', url },
      c: { type: 'streamable_http', url },
      d: { type: 'HTTP', url },
      e: { transport: 'sse', url },
      f: { httpUrl: url },
      g: { serverUrl: url },
      h: { type: 'remote', url, headers: null },
    });
    assert.deepEqual(new Set(servers.map(({ transport }) => transport)), new Set(['http']));
    assert.ok(servers.every((server) => server.transport === 'http' && server.url === url));
    const [local] = read({ a: { type: 'local', command: 'x', args: null, env: null, cwd: null } });
    assert.equal(local?.transport, 'stdio');
    assert.deepEqual(read({ off: { command: 'x', enabled: false }, gone: { url, disabled: 'true' } }), []);
  });

  it('takes numbers and yes or no for texts, and null in env for none', () => {
    const [server] = read({
      a: { command: 'x', args: ['--port', 80], env: { PORT: 80, ON: true, OFF: null } },
    });
    assert.ok(server?.transport === 'stdio');
    assert.deepEqual(server.args, ['--port', '80']);
    assert.deepEqual(server.env, { PORT: '80', ON: 'true' });
  });

  it('may be VS Code’s, with comments, its variables and a file of variables', () => {
    const envFile = join(folder, 'server.env');
    writeFileSync(envFile, '\uFEFFTOKEN="from-the-file"\nOTHER=kept-from-file\n');
    const path = file(`{
      // Servers of the team
      "inputs": [],
      "servers": {
        "a": {
          "type": "stdio", "command": "\${userHome}\${/}x", "cwd": "\${workspaceFolder}",
          "envFile": ${JSON.stringify(envFile)}, "env": { "TOKEN": "\${env:MINE}" },
        },
      },
    }`);
    const warnings: string[] = [];
    const [server] = readMcpConfig(path, { MINE: 'from-the-shell' }, (text) => warnings.push(text));
    assert.ok(server?.transport === 'stdio', JSON.stringify(server));
    assert.equal(server.command, join(homedir(), 'x'));
    assert.equal(server.cwd, process.cwd());
    assert.deepEqual(server.env, { TOKEN: 'from-the-shell', OTHER: 'kept-from-file' });
    assert.ok(server.secrets?.includes('kept-from-file'), 'values of the file are secrets');
    assert.deepEqual(warnings, []);
  });

  it('has time-outs in seconds or milliseconds, none above that of every call', () => {
    const warnings: string[] = [];
    const path = file({
      mcpServers: {
        a: { command: 'x', timeout: 60 },
        b: { url: 'https://x.example', timeout: 60_000 },
        c: { command: 'x', timeout: 5_000 },
        d: { command: 'x', timeout: '${T:-2}' },
        e: { command: 'x', timeout: 3_600 },
      },
    });
    const servers = readMcpConfig(path, {}, (text) => warnings.push(text));
    assert.deepEqual(
      servers.map(({ timeoutMs }) => timeoutMs),
      [60_000, 60_000, 5_000, 2_000, undefined],
    );
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /server "e": timeout: a call ends after 270 seconds/);
  });

  it('warns by name of what it doesn’t read', () => {
    const warnings: string[] = [];
    const path = file({
      mcpServers: {
        a: { command: 'x', autoApprove: ['y'], sandboxEnabled: true, enviroment: {}, description: 'fine' },
        b: { url: 'https://x.example', args: [], disabledTools: ['z'] },
      },
      disabledServers: [],
    });
    readMcpConfig(path, {}, (text) => warnings.push(text));
    const [first, ...rest] = warnings;
    assert.match(first ?? '', /disabledServers is not read here/);
    assert.deepEqual(
      rest.map((text) => text.replace('MCP_CONFIG: server ', '')),
      [
        '"a": autoApprove is not read here: the policy file decides which calls people are asked about.',
        '"a": sandboxEnabled is not read here: the server runs without a sandbox.',
        '"a": enviroment is not read here.',
        '"b": args is not read here.',
        '"b": disabledTools is not read here: all tools are offered; a rule "deny" in the policy file refuses one.',
      ],
    );
  });

  it('may begin with a byte order mark, also in UTF-16', () => {
    const content = JSON.stringify({ mcpServers: { a: { command: 'x' } } });
    for (const bytes of [Buffer.from(`\uFEFF${content}`), Buffer.from(`\uFEFF${content}`, 'utf16le')]) {
      const path = join(folder, 'marked.json');
      writeFileSync(path, bytes);
      assert.equal(readMcpConfig(path, {})[0]?.transport, 'stdio');
    }
  });

  it('is looked for where MCP_CONFIG says; without it, or with an empty one, there may be none', () => {
    const tokens = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', ANTHROPIC_API_KEY: 'k' };
    const env = { ...tokens, POLICY_FILE: '' };
    assert.deepEqual(readConfig({ ...env, MCP_CONFIG: '' }).mcp, []);
    const path = file({ mcpServers: { a: { command: '${TOOL}' } } });
    const [server] = readConfig({ ...env, MCP_CONFIG: path, TOOL: 'x' }).mcp;
    assert.ok(server?.transport === 'stdio' && server.command === 'x');
    assert.throws(
      () => readConfig({ ...env, MCP_CONFIG: '/nowhere.json' }),
      /^ConfigError: MCP_CONFIG: \/nowhere\.json can't be read/,
    );
  });
});
