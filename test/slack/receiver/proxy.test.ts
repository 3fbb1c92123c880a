import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startWorkspace, type Workspace } from '../../../sandbox/workspace/index.js';
import { goThroughProxy } from '../../../src/platform/proxy.js';
import { startProxy } from '../../support/proxy.js';
import { connectClicker } from '../../support/slack/clicker.js';

describe('Socket Mode through a proxy', () => {
  let workspace: Workspace;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  before(async () => {
    workspace = await startWorkspace({ rateLimits: false });
    proxy = await startProxy();
    goThroughProxy({ HTTP_PROXY: proxy.url });
  });
  after(async () => {
    await workspace.close();
    await proxy.stop();
  });

  it('loses no click while Slack replaces its connection, and leaves no tunnel behind', async () => {
    const clicker = await connectClicker(workspace, { reconnectAfterMs: 0, overlapMs: 2_000 });
    const refreshes = async () => {
      for (let time = 0; time < 3; time += 1) {
        await workspace.sockets.refresh({ warningMs: 200, closeMs: 300 });
      }
    };
    const { lost, clicks } = await clicker.clickUntil(refreshes());
    assert.deepEqual(lost, []);
    assert.ok(clicks > 20, `${clicks} clicks`);
    const { host } = new URL(workspace.apiUrl);
    assert.ok(proxy.targets.length >= 5, 'one tunnel for the Web API, and one for each connection');
    assert.deepEqual(new Set(proxy.targets), new Set([host]));
    await clicker.stop();
    await workspace.waitFor(() => !workspace.connected(), { what: 'the app gone' });
    // Those of the Web API are kept for a while.
    await workspace.waitFor(() => proxy.countOpen() <= 1, { what: 'the tunnels gone', timeoutMs: 10_000 });
  });
});
