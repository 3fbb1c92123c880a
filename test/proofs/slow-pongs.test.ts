import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startWorkspace } from '../../sandbox/workspace/index.js';
import { connectClicker } from '../support/slack/clicker.js';

it('keeps its connection, and every click, while Slack answers pings after six seconds for two minutes', async () => {
  const workspace = await startWorkspace({ rateLimits: false });
  workspace.sockets.pongDelayMs = 6_000;
  const clicker = await connectClicker(workspace);
  try {
    const { clicks, lost } = await clicker.clickUntil(delay(120_000));
    assert.deepEqual(lost, []);
    assert.ok(clicks > 1_000, `${clicks} clicks`);
    assert.equal(clicker.opened(), 1, 'connections');
  } finally {
    await clicker.stop();
    await workspace.close();
  }
});
