import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startWorkspace, type Workspace } from '../../../sandbox/workspace/index.js';
import { connectClicker } from '../../support/slack/clicker.js';

describe('Socket Mode', () => {
  let workspace: Workspace;
  let clicker: Awaited<ReturnType<typeof connectClicker>> | undefined;
  beforeEach(async () => {
    workspace = await startWorkspace({ rateLimits: false });
  });
  afterEach(async () => {
    await clicker?.stop();
    clicker = undefined;
    // Slack's client waits 30 s for the end of a connection that is cut off while it closes.
    await workspace.waitFor(() => !workspace.connected(), { what: 'the app gone' });
    await workspace.close();
  });
  const connect = async (times: Parameters<typeof connectClicker>[1] = {}) => {
    clicker = await connectClicker(workspace, times);
    return clicker;
  };

  it('loses no click while Slack replaces its connection, again and again', async () => {
    const { clickUntil, most, acks } = await connect({ reconnectAfterMs: 0, overlapMs: 2_000 });
    const refreshes = async () => {
      for (let time = 0; time < 4; time += 1) {
        await workspace.sockets.refresh({ warningMs: 200, closeMs: 300 });
      }
    };
    const { lost, clicks } = await clickUntil(refreshes());
    assert.deepEqual(lost, []);
    assert.ok(clicks > 50, `${clicks} clicks`);
    assert.equal(acks(), clicks);
    assert.equal(most(), 2, 'connections at once');
  });

  it('loses no click where Slack gives no warning', async () => {
    const { clickUntil } = await connect({ reconnectAfterMs: 0 });
    const refreshes = async () => {
      await workspace.sockets.refresh({ warningMs: 0, closeMs: 500 });
      await delay(300);
    };
    const { lost } = await clickUntil(refreshes());
    assert.deepEqual(lost, []);
  });

  it('acknowledges on the old connection what came over it, beside the new one', async () => {
    const { card, ackAfter } = await connect();
    ackAfter(600);
    const click = workspace.as(workspace.people.ana).click(card, 'Go');
    await workspace.sockets.refresh({ warningMs: 0, closeMs: 1_000 });
    assert.deepEqual(await click, { ok: true });
  });

  it('never has more than two connections, though Slack ends the new one before the old one', async () => {
    const { clickUntil, most } = await connect({ reconnectAfterMs: 0, overlapMs: 60_000 });
    const refreshes = async () => {
      const first = workspace.sockets.refresh({ warningMs: 100, closeMs: 2_000 });
      await delay(500);
      await Promise.all([first, workspace.sockets.refresh({ warningMs: 100, closeMs: 2_000 })]);
    };
    const { lost } = await clickUntil(refreshes());
    assert.deepEqual(lost, []);
    assert.equal(most(), 2);
  });

  it('connects anew at once where Slack closes without a word, and leaves TCP open', async () => {
    await connect({ reconnectAfterMs: 0 });
    const began = Date.now();
    workspace.sockets.hangUp();
    await workspace.waitFor(() => !workspace.connected(), { what: 'the connection gone' });
    await workspace.waitFor(() => workspace.connected(), { what: 'the connection back' });
    assert.ok(Date.now() - began < 1_000, `${Date.now() - began} ms`);
  });

  it('keeps a connection whose pongs are slow', async () => {
    workspace.sockets.pongDelayMs = 3_000;
    const { clickUntil, opened } = await connect();
    const { lost } = await clickUntil(delay(5_000));
    assert.deepEqual(lost, []);
    assert.equal(opened(), 1);
  });

  it('leaves a connection whose pongs don’t come', async () => {
    workspace.sockets.pongDelayMs = 60_000;
    const { opened } = await connect({ pongWithinMs: 300 });
    await workspace.waitFor(() => opened() > 1, { what: 'the next connection' });
  });

  it('waits, and warns, while Slack counts ten connections of the app', async () => {
    workspace.sockets.addGhosts(10, 1_200);
    const { warnings } = await connect({ reconnectAfterMs: 0 });
    assert.equal(workspace.sockets.count(), 1);
    workspace.sockets.addGhosts(5, 10_000);
    workspace.sockets.hangUp();
    await workspace.waitFor(() => warnings.some((text) => /counts 6 connections/.test(text)), {
      what: 'the warning',
    });
  });

  it('goes on after any message on its connection, and acknowledges one without an event', async () => {
    const { warnings, card } = await connect();
    const limited = { type: 'app_rate_limited', team_id: 'T1', minute_rate_limited: 1, api_app_id: 'A1' };
    assert.equal((await workspace.sockets.deliver('events_api', limited)).ok, true);
    assert.match(warnings.at(-1) ?? '', /app_rate_limited/);
    for (const text of ['null', '7', '{', '{"type":"events_api"}', '{"type":"error"}', '[]']) {
      workspace.sockets.sendRaw(text);
    }
    assert.deepEqual(await workspace.as(workspace.people.ana).click(card, 'Go'), { ok: true });
  });

  it('tries for a while to connect at a start, and then names the address', async () => {
    workspace.faults.inject({ kind: 'refuse', error: 'internal_error', method: 'apps.connections.open' });
    workspace.faults.inject({ kind: 'error-500', method: 'apps.connections.open' });
    await connect();
    await clicker?.stop();
    workspace.faults.inject({ kind: 'error-500', method: 'apps.connections.open', times: 100 });
    const named = new RegExp(`${workspace.apiUrl.replaceAll('.', '\\.')} failed for 1 s: .*statusCode = 500`);
    await assert.rejects(connect({ patienceMs: 700 }), named);
  });

  it('says at once that the token was revoked, also when it connects anew', async () => {
    const { fatal } = await connect({ reconnectAfterMs: 0 });
    workspace.faults.inject({ kind: 'error-500', method: 'apps.connections.open' });
    workspace.faults.inject({ kind: 'refuse', error: 'invalid_auth', method: 'apps.connections.open' });
    workspace.sockets.hangUp();
    assert.match(String(await fatal), /SLACK_APP_TOKEN: Slack refuses this token \(invalid_auth\)/);
  });
});
