import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { examine, makeFolder } from '../../bench/real-servers/examine.js';
import { serversIn } from '../../bench/real-servers/servers.js';

/** The servers that are dev dependencies. `npm run real-servers` installs and examines the rest. */
const INSTALLED = ['everything', 'filesystem', 'memory', 'sequential-thinking'];

describe('a real MCP server', () => {
  const folder = makeFolder();
  after(() => rmSync(folder, { recursive: true, force: true }));
  for (const server of serversIn(folder)) {
    if (!INSTALLED.some((name) => server.package === `@modelcontextprotocol/server-${name}`)) continue;
    it(`${server.package} is listed, and answers a call that only reads`, async () => {
      const row = await examine(server, { packages: resolve('node_modules'), cwd: folder });
      assert.equal(row.problem, undefined);
      assert.ok(row.tools > 0 && row.called !== '', JSON.stringify(row));
    });
  }
});
