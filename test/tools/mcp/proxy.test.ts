import assert from 'node:assert/strict';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { textOf } from '../../../src/run/execution/tools.js';
import { createToolbox } from '../../../src/tools/index.js';

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
