import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { WebClient } from '@slack/web-api';
import { WebSocket as ClientOfSlack } from 'undici';
import { WebSocket } from 'ws';
import { startWorkspace, type Workspace } from '../../sandbox/workspace/index.js';

interface Heard {
  type: string;
  reason?: string;
  num_connections?: number;
  retry_attempt?: number;
}

describe('Socket Mode in the local workspace', () => {
  let workspace: Workspace;
  const sockets: WebSocket[] = [];
  beforeEach(async () => {
    workspace = await startWorkspace({ eventRetries: { pausesMs: [0, 100, 100] } });
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.terminate();
    await workspace.close();
  });

  const address = async (): Promise<string> => {
    const slack = new WebClient(workspace.credentials.appToken, { slackApiUrl: workspace.apiUrl });
    const { url = '' } = await slack.apps.connections.open({});
    return url;
  };

  /** Opens a connection as an app does, and resolves once Slack has said something. */
  const open = async (options: { acks?: boolean } = {}) => {
    const socket = new WebSocket(await address());
    sockets.push(socket);
    const heard: Heard[] = [];
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Heard & { envelope_id?: string };
      heard.push(message);
      if (options.acks && message.envelope_id) {
        socket.send(JSON.stringify({ envelope_id: message.envelope_id }));
      }
    });
    await once(socket, 'message');
    return { socket, heard };
  };
  const command = () =>
    workspace.as(workspace.people.ana).command(workspace.channels.general, '/agent', 'list');

  it('takes an acknowledgement that came in time, though this process was held up meanwhile', async () => {
    const app = `
      const { workerData, parentPort } = require('node:worker_threads');
      const { WebSocket } = require('ws');
      const socket = new WebSocket(workerData);
      socket.on('message', (data) => {
        const { type, envelope_id } = JSON.parse(String(data));
        if (type === 'hello') parentPort.postMessage('ready');
        else setTimeout(() => socket.send(JSON.stringify({ envelope_id })), 500);
      });`;
    const thread = new Worker(app, { eval: true, workerData: await address() });
    await once(thread, 'message');
    const done = command();
    // The command is on its way to the app by then.
    await delay(200);
    // Timers come before anything is read, after this.
    await new Promise((resolve) => setImmediate(resolve));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_200);
    assert.deepEqual((await done).ok, true);
    await thread.terminate();
  });

  it('warns of a refresh, announces it, and then closes; whatever is acknowledged later is lost', async () => {
    const { heard, socket } = await open();
    const began = Date.now();
    const refreshed = workspace.sockets.refresh({ warningMs: 100, closeMs: 100 });
    await once(socket, 'close');
    await refreshed;
    assert.ok(Date.now() - began >= 190);
    assert.deepEqual(
      heard.map(({ type, reason }) => reason ?? type),
      ['hello', 'warning', 'refresh_requested'],
    );
  });

  it('gives a connection that is to be refreshed nothing new, if there is another', async () => {
    const old = await open({ acks: true });
    const refreshed = workspace.sockets.refresh({ warningMs: 0, closeMs: 300 });
    const next = await open({ acks: true });
    assert.deepEqual([await command(), await command()], [{ ok: true }, { ok: true }]);
    assert.equal(old.heard.filter(({ type }) => type === 'slash_commands').length, 0);
    assert.equal(next.heard.filter(({ type }) => type === 'slash_commands').length, 2);
    await refreshed;
  });

  it('leaves the TCP connection open after the close handshake, so the app’s client hears of no close', async () => {
    const socket = new ClientOfSlack(await address());
    await once(socket, 'message');
    let isClosed = false;
    socket.addEventListener('close', () => {
      isClosed = true;
    });
    workspace.sockets.hangUp();
    await workspace.waitFor(() => !workspace.connected(), { what: 'the connection gone' });
    await delay(200);
    assert.equal(socket.readyState, ClientOfSlack.CLOSING);
    assert.equal(isClosed, false);
  });

  it('answers pings as late as it is told', async () => {
    workspace.sockets.pongDelayMs = 300;
    const { socket } = await open();
    const began = Date.now();
    socket.ping();
    await once(socket, 'pong');
    assert.ok(Date.now() - began >= 290);
  });

  it('gives ghosts their share of clicks and commands, which are gone, and brings only events again', async () => {
    const { heard } = await open({ acks: true });
    workspace.sockets.addGhosts(1, 60_000);
    const both = await Promise.all([command(), command()]);
    assert.deepEqual(both.map(({ ok }) => ok).toSorted(), [false, true]);
    assert.equal(heard.filter(({ type }) => type === 'slash_commands').length, 1);
    const { ana } = workspace.people;
    await Promise.all(
      ['one', 'two'].map((text) => workspace.as(ana).mention(workspace.channels.general, text)),
    );
    const events = () => heard.filter(({ type }) => type === 'events_api');
    await workspace.waitFor(() => events().length >= 2, { what: 'both mentions' });
    assert.ok(events().some(({ retry_attempt: attempt = 0 }) => attempt > 0));
  });

  it('counts ghosts among ten connections, and refuses another with a word', async () => {
    workspace.sockets.addGhosts(9, 60_000);
    assert.equal((await open()).heard[0]?.num_connections, 10);
    const { heard, socket } = await open();
    assert.deepEqual([heard[0]?.type, heard[0]?.reason], ['disconnect', 'too_many_websockets']);
    await once(socket, 'close');
    assert.equal(workspace.sockets.count(), 10);
  });
});
