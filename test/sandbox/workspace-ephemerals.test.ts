import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { App, LogLevel } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { WebSocket } from 'ws';
import { startWorkspace, type Workspace } from '../../sandbox/workspace/index.js';
import type { PageEvent } from '../../sandbox/workspace/protocol.js';

const BUTTON = {
  type: 'actions' as const,
  elements: [
    {
      type: 'button' as const,
      action_id: 'go',
      text: { type: 'plain_text' as const, text: 'Go' },
      value: 'v',
    },
  ],
};

describe('the local workspace’s ephemeral messages', () => {
  let workspace: Workspace;
  let slack: WebClient;
  let app: App;
  /** The answers of the next click at its `response_url`. */
  let answers: object[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'ephemerals-'));
  const statePath = join(folder, 'state.jsonl');
  before(async () => {
    workspace = await startWorkspace({ statePath, rateLimits: false });
    slack = new WebClient(workspace.credentials.botToken, { slackApiUrl: workspace.apiUrl });
    app = new App({
      token: workspace.credentials.botToken,
      appToken: workspace.credentials.appToken,
      socketMode: true,
      logLevel: LogLevel.ERROR,
      clientOptions: { slackApiUrl: workspace.apiUrl },
    });
    app.action('go', async ({ ack, respond }) => {
      await ack();
      for (const answer of answers) await respond(answer);
    });
    await app.start();
  });
  after(async () => {
    await app.stop();
    await workspace.close();
    rmSync(folder, { recursive: true });
  });

  const post = async (more: object = {}) => {
    const { general: channel } = workspace.channels;
    const { ts = '' } = await slack.chat.postMessage({ channel, text: 'x', blocks: [BUTTON], ...more });
    return { channel, ts };
  };
  const ephemeral = (user: string, more: object = {}) =>
    slack.chat.postEphemeral({ channel: workspace.channels.general, user, text: 'psst', ...more });
  const shown = () => workspace.ephemerals(workspace.people.ana).length;

  it('are in the channel, not in the thread, when they answer a click at its response_url', async () => {
    const { ana } = workspace.people;
    const root = await post();
    const reply = await post({ thread_ts: root.ts });
    const inThread = { thread_ts: root.ts, replace_original: false };
    answers = [
      { text: 'private', ...inThread },
      { text: 'public', response_type: 'in_channel', ...inThread },
    ];
    await workspace.as(ana).click(reply, 'Go');
    const said = (text: string) => workspace.messages(root.channel).find((message) => message.text === text);
    await workspace.waitFor(() => said('public'));
    assert.equal(said('private')?.threadTs, undefined);
    assert.equal(said('public')?.threadTs, root.ts);
  });

  it('are shown in a thread that has replies, and only there', async () => {
    const { ana } = workspace.people;
    const { ts: thread_ts } = await post();
    const before = shown();
    assert.equal((await ephemeral(ana, { thread_ts })).ok, true);
    assert.equal(shown(), before, 'nobody sees it');
    await post({ thread_ts });
    await ephemeral(ana, { thread_ts });
    assert.equal(workspace.ephemerals(ana)[before]?.threadTs, thread_ts);
  });

  it('reach nobody who is away, until they act', async () => {
    const { ana } = workspace.people;
    workspace.setAway(ana);
    const before = shown();
    assert.equal((await ephemeral(ana)).ok, true);
    assert.equal(shown(), before);
    await workspace.as(ana).send(workspace.channels.general, 'back');
    await ephemeral(ana);
    assert.equal(shown(), before + 1);
  });

  it('are refused for somebody who isn’t in the channel', async () => {
    await assert.rejects(ephemeral('U0NOBODY'), /user_not_in_channel/);
  });

  it('are gone after a reload of the page, and after a restart', async () => {
    const { ana } = workspace.people;
    await ephemeral(ana);
    const { port, origin } = new URL(workspace.url);
    const address = `ws://127.0.0.1:${port}/page/socket?token=${workspace.pageToken}`;
    const socket = new WebSocket(address, { origin });
    const first = await new Promise<PageEvent>((resolve, reject) => {
      socket.on('message', (data) => resolve(JSON.parse(String(data)) as PageEvent));
      socket.on('error', reject);
    });
    socket.terminate();
    assert.ok(first.type === 'snapshot' && first.snapshot.messages.length > 0);
    assert.deepEqual(
      first.snapshot.messages.filter(({ onlyFor }) => onlyFor !== undefined),
      [],
    );
    const again = await startWorkspace({ statePath });
    assert.ok(again.messages(again.channels.general).length > 0);
    assert.deepEqual(again.ephemerals(ana), []);
    await again.close();
  });
});
