// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are variables of the file that is read
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readConfig } from '../../src/config/environment.js';
import { readMcpConfig } from '../../src/config/mcp-file.js';
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
      'JSON with a comma too many',
      '{\n  "mcpServers": {\n    "a": { "command": "x" },\n  }\n}',
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
    ['another key', { servers: {} }, /mcpServers: .*It must be \{"mcpServers"/],
    ['a list', { mcpServers: [] }, /mcpServers: /],
    ['a server that is no object', { mcpServers: { a: 'npx' } }, /mcpServers\.a: /],
    [
      'sse',
      { mcpServers: { a: { type: 'sse', url: 'https://x.example' } } },
      /server "a": type: "sse" is not supported.*"http"/,
    ],
    [
      'another transport',
      { mcpServers: { a: { type: 'ws', url: 'wss://x' } } },
      /server "a": type: "ws" is unknown/,
    ],
    ['neither command nor url', { mcpServers: { a: {} } }, /server "a": command or url is missing/],
    ['http without url', { mcpServers: { a: { type: 'http' } } }, /server "a": url is missing/],
    ['both', { mcpServers: { a: { command: 'x', url: 'https://x.example' } } }, /server "a": has both/],
    [
      'a type that doesn’t fit',
      { mcpServers: { a: { type: 'http', command: 'x' } } },
      /server "a": type: "http"/,
    ],
    ['args of numbers', { mcpServers: { a: { command: 'x', args: [1] } } }, /server "a": args\.0: /],
    ['env of numbers', { mcpServers: { a: { command: 'x', env: { A: 1 } } } }, /server "a": env\.A: /],
    [
      'a header with a blank that nobody sees',
      { mcpServers: { a: { url: 'https://x', headers: { Authorization: 'Bearer a\u00A0b' } } } },
      /server "a": headers.Authorization: holds U\+00A0/,
    ],
    ['an address of another kind', { mcpServers: { a: { url: 'ftp://x' } } }, /server "a": url: is no http/],
    [
      'a password in the address',
      { mcpServers: { a: { url: 'https://a:b@x.example' } } },
      /server "a": url: .*headers/,
    ],
    [
      'a header on two lines',
      { mcpServers: { a: { url: 'https://x.example', headers: { A: 'b\nc' } } } },
      /server "a": headers\.A: /,
    ],
    [
      'another client’s variables',
      { mcpServers: { a: { command: 'x', env: { A: '${env:B}' } } } },
      /server "a": env\.A: \$\{env:B\}/,
    ],
    [
      'two names that become one',
      { mcpServers: { 'my files': { command: 'x' }, my_files: { command: 'y' } } },
      /server "my_files": its tools would be called my_files__.*"my files"/,
    ],
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

  it('is looked for where MCP_CONFIG says; without it, or with an empty one, there may be none', () => {
    const tokens = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', ANTHROPIC_API_KEY: 'k' };
    const env = { ...tokens, POLICY_FILE: '' };
    assert.deepEqual(readConfig({ ...env, MCP_CONFIG: '' }).mcp, []);
    const path = file({ mcpServers: { a: { command: '${TOOL}' } } });
    const [server] = readConfig({ ...env, MCP_CONFIG: path, TOOL: 'x' }).mcp;
    assert.ok(server?.transport === 'stdio' && server.command === 'x');
    assert.throws(
      () => readConfig({ ...env, MCP_CONFIG: '/nowhere.json' }),
      /^ConfigError: MCP_CONFIG: \/nowhere\.json can’t be read/,
    );
  });
});
