import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { WebClient } from '@slack/web-api';
import { startWorkspace, type Workspace } from '../../sandbox/workspace/index.js';
import { connectSocketApp } from '../support/slack/socket-app.js';

describe('a workspace that waits for its app', () => {
  const folder = mkdtempSync(join(tmpdir(), 'outbox-'));
  const statePath = join(folder, 'workspace.jsonl');
  let workspace: Workspace;
  const apps: { close(): void }[] = [];
  const start = async () => {
    workspace = await startWorkspace({ statePath, waitsForApp: true });
  };
  beforeEach(start);
  afterEach(async () => {
    for (const app of apps.splice(0)) app.close();
    await workspace.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const connectApp = async (options: { isSilent?: boolean } = {}) => {
    const app = await connectSocketApp(workspace, options);
    apps.push(app);
    return app;
  };
  const general = 'C01GENERAL';
  const ana = () => workspace.as(workspace.people.ana);
  const whispers = () => workspace.ephemerals(workspace.people.ana).map(({ text }) => text);
  const waitingTexts = () => workspace.queued().map(({ text }) => text);

  it('delivers a command that was typed before the app came, and tells nobody that it failed', async () => {
    const typed = ana().command(general, '/agent', 'tidy up');
    assert.deepEqual(waitingTexts(), ['tidy up']);
    const { heard } = await connectApp();
    assert.deepEqual(await typed, { ok: true });
    assert.deepEqual(
      heard.map(({ payload }) => payload?.text),
      ['tidy up'],
    );
    assert.deepEqual([waitingTexts(), whispers()], [[], []]);
  });

  it('delivers a command again whose connection ended before the answer, with the ids by which the app knows it', async () => {
    const first = await connectApp({ isSilent: true });
    const typed = ana().command(general, '/agent', 'tidy up');
    await workspace.waitFor(() => first.heard.length === 1, { what: 'the command' });
    first.close();
    const next = await connectApp();
    assert.deepEqual(await typed, { ok: true });
    assert.deepEqual(next.heard[0]?.payload, first.heard[0]?.payload);
    assert.deepEqual(whispers(), []);
  });

  it('delivers a click and a mention that were made before the app came', async () => {
    const slack = new WebClient(workspace.credentials.botToken, { slackApiUrl: workspace.apiUrl });
    const button = { type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } };
    const blocks = [{ type: 'actions', elements: [button] }] as never;
    const { ts = '' } = await slack.chat.postMessage({ channel: general, text: 'x', blocks });
    const clicked = ana().click({ channel: general, ts }, 'go');
    await ana().mention(general, 'tidy up');
    const { heard } = await connectApp();
    assert.deepEqual(await clicked, { ok: true });
    await workspace.waitFor(() => heard.some(({ type }) => type === 'events_api'), { what: 'the mention' });
    assert.ok(heard.some(({ payload }) => payload?.actions?.[0]?.action_id === 'go'));
  });

  it('keeps a command over its own restart', async () => {
    void ana()
      .command(general, '/agent', 'tidy up')
      .catch(() => 'the workspace closed');
    await workspace.close();
    await start();
    assert.deepEqual(waitingTexts(), ['tidy up']);
    const { heard } = await connectApp();
    await workspace.waitFor(() => heard.length === 1 && waitingTexts().length === 0, { what: 'the command' });
    assert.equal(heard[0]?.payload?.text, 'tidy up');
    await workspace.close();
    await start();
    assert.deepEqual(waitingTexts(), []);
  });
});
