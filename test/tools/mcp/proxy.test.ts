import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { textOf } from '../../../src/run/execution/tools.js';
import { createToolbox } from '../../../src/tools/index.js';
import { redact } from '../../../src/tools/mcp/transport/transport.js';

it('an MCP server’s program gets the proxy, and its own variables before ours', async () => {
  const path = '../../../node_modules/@modelcontextprotocol/server-everything/dist/index.js';
  process.env.HTTPS_PROXY = 'http://proxy.test:3128';
  process.env.NO_PROXY = 'localhost';
  process.env.SLACK_BOT_TOKEN = 'xoxb-1';
  const server = {
    ...{ name: 'all', transport: 'stdio' as const, command: process.execPath },
    args: [fileURLToPath(new URL(path, import.meta.url))],
    env: { NO_PROXY: 'its-own' },
  };
  const toolbox = createToolbox({ servers: [server], log: { debug() {}, info() {}, warn() {} } });
  try {
    await toolbox.started();
    const env = textOf(await toolbox.call('all__get-env', {}));
    assert.match(env, /"HTTPS_PROXY": "http:\/\/proxy\.test:3128"/);
    assert.match(env, /"NO_PROXY": "its-own"/);
    assert.doesNotMatch(env, /xoxb/);
  } finally {
    await toolbox.close();
  }
});

it('the password of the proxy, and each secret whole, are hidden in what a server says', () => {
  process.env.HTTPS_PROXY = 'http://ana:pass%40word@proxy.test:3128';
  process.env.http_proxy = 'ana:other-one@proxy.test';
  try {
    const said = redact('http://ana:pass%40word@proxy.test pass@word other-one key-123-456', {
      secrets: ['key-123', 'key-123-456'],
    });
    assert.equal(said, 'http://ana:[redacted]@proxy.test [redacted] [redacted] [redacted]');
  } finally {
    delete process.env.HTTPS_PROXY;
    delete process.env.http_proxy;
  }
});
