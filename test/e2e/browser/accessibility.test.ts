import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe } from 'node:test';
import { LogLevel, WebClient } from '@slack/web-api';
import type { Browser, Page } from 'playwright-core';
import { startWorkspace, type Workspace } from '../../../sandbox/workspace/index.js';
import { buildPage } from '../../../scripts/build-page.js';
import { expectAccessible } from '../../support/product/accessible.js';
import { openBrowser } from '../../support/product/browser.js';
import { beforeInBrowser, inBrowser } from '../../support/product/sandbox-in-browser.js';
import { connectSocketApp } from '../../support/slack/socket-app.js';

/** Bytes per second and milliseconds of a slow line: 400 kbit/s, and 400 ms from here to there and back. */
const SLOW = { downloadThroughput: 50_000, uploadThroughput: 50_000, latency: 400, offline: false };

const plain = (text: string) => ({ type: 'plain_text', text });
const field = (id: string, element: object) => ({
  ...{ type: 'input', block_id: id, label: plain(`Field ${id}`), hint: plain('A hint') },
  element: { action_id: id, ...element },
});
const options = ['One', 'Two'].map((text) => ({ text: plain(text), value: text }));
const modal = {
  type: 'modal',
  title: plain('A form'),
  submit: plain('Send'),
  blocks: [
    { type: 'header', text: plain('A heading') },
    field('text', { type: 'plain_text_input' }),
    field('long', { type: 'plain_text_input', multiline: true }),
    field('choice', { type: 'static_select', options }),
    field('boxes', { type: 'checkboxes', options }),
    field('one', { type: 'radio_buttons', options }),
    field('day', { type: 'datepicker' }),
    { type: 'section', text: { type: 'mrkdwn', text: `\`\`\`${'a very long line '.repeat(30)}\`\`\`` } },
  ],
};
const message = [
  { type: 'header', text: plain('A heading') },
  { type: 'context', elements: [{ type: 'mrkdwn', text: 'Asked by <@U01ANA> in <#C01GENERAL|general>' }] },
  { type: 'section', text: { type: 'mrkdwn', text: '*Bold*, `code`, <https://docs.example.com|a link>' } },
  {
    type: 'markdown',
    text: '### A small heading\n\n| No. | What | |\n|---|---|---|\n| 1 | This | open |\n\n> Quoted',
  },
  {
    type: 'table',
    rows: [
      ['No.', 'What'],
      ['1', 'open'],
    ].map((row) => row.map((text) => ({ type: 'raw_text', text }))),
  },
  {
    ...{ type: 'plan', title: 'Steps' },
    tasks: ['complete', 'in_progress', 'pending', 'error'].map((status, index) => ({
      ...{ type: 'task_card', task_id: `${index}`, title: `Step ${index}`, status },
    })),
  },
  field('note', { type: 'plain_text_input' }),
  {
    type: 'actions',
    elements: [
      { type: 'button', action_id: 'form', style: 'primary', text: plain('Open a form') },
      {
        ...{ type: 'button', action_id: 'sure', style: 'danger', text: plain('Remove') },
        confirm: {
          title: plain('Sure?'),
          text: plain('It is gone then.'),
          confirm: plain('Yes'),
          deny: plain('No'),
        },
      },
      { type: 'overflow', action_id: 'more', options },
      { type: 'datepicker', action_id: 'until' },
    ],
  },
];

describe('the sandbox’s page, for everybody', () => {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  let workspace: Workspace;
  let slack: WebClient;
  let browser: Browser;
  let page: Page;
  let closeApp = () => {};

  beforeInBrowser(async () => {
    await buildPage(folder);
    workspace = await startWorkspace({
      pageDir: folder,
      manifest: readFileSync('manifest.yml', 'utf8'),
      notices: { model: 'simulated', temporalUrl: 'http://127.0.0.1:1/', tools: ['todo', 'fetch_url'] },
      suggestedGoals: ['Tidy up our to-do list'],
      waitsForApp: true,
      onCrash: () => {},
      onSlowCall: () => {},
    });
    slack = new WebClient(workspace.credentials.botToken, {
      slackApiUrl: workspace.apiUrl,
      logLevel: LogLevel.ERROR,
    });
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  });
  after(async () => {
    closeApp();
    await browser?.close();
    await workspace?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const focused = () =>
    page.evaluate('document.activeElement.dataset.action ?? document.activeElement.className');

  inBrowser('shows what it is about within three seconds on a slow line', async () => {
    const context = await browser.newContext();
    const window = await context.newPage();
    const devtools = await context.newCDPSession(window);
    await devtools.send('Network.enable');
    await devtools.send('Network.emulateNetworkConditions', SLOW);
    let received = 0;
    devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
      received += encodedDataLength;
    });
    await window.goto(workspace.url, { waitUntil: 'commit' });
    await window.getByRole('heading', { name: 'Give the agent a goal' }).waitFor();
    const firstContentMs = Number(
      await window.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"),
    );
    assert.ok(received < 60_000, `${received} bytes`);
    assert.ok(firstContentMs < 3_000, `${firstContentMs} ms`);
    await context.close();
  });

  inBrowser('is accessible before its app is there, while a command waits', async () => {
    await page.goto(workspace.url);
    const composer = page.getByRole('textbox', { name: /^Message/ });
    await composer.fill('/agent tidy up');
    await composer.press('Enter');
    await page.getByText('Waiting for the service').waitFor();
    await expectAccessible(page, 'the welcome');
    const app = await connectSocketApp(workspace, {
      hears: ({ payload }) => {
        const { actions: [action] = [], trigger_id: trigger = '' } = payload ?? {};
        if (action?.action_id === 'form')
          void slack.views.open({ trigger_id: trigger, view: modal as never });
      },
    });
    closeApp = app.close;
    await page.getByText('Waiting for the service').waitFor({ state: 'detached' });
    assert.deepEqual(app.heard.map(({ payload }) => payload?.text).filter(Boolean), ['tidy up']);
  });

  inBrowser('is accessible with the guided tour, and in the list of commands', async () => {
    await page.getByRole('button', { name: 'Show me in two minutes' }).click();
    await page.getByRole('region', { name: 'Guided tour' }).waitFor();
    await expectAccessible(page, 'the tour');
    await page.getByRole('button', { name: 'Leave the tour' }).click();
    await page.locator('summary', { hasText: 'What if…' }).click();
    const composer = page.getByRole('textbox', { name: /^Message/ });
    await composer.fill('/');
    await page.getByRole('option', { name: /agent/ }).waitFor();
    await expectAccessible(page, 'the commands');
    await composer.fill('');
  });

  inBrowser('is accessible with messages of every kind, in the channel and in a thread', async () => {
    const channel = workspace.channels.general;
    const { ts = '' } = await slack.chat.postMessage({ channel, text: 'x', blocks: message as never });
    await slack.chat.postMessage({ channel, thread_ts: ts, text: 'x', blocks: message as never });
    await slack.chat.postEphemeral({ channel, user: workspace.people.ana, text: 'Only for you' });
    const file = { filename: 'a.md', title: 'A file', content: '# A heading\n\n- [x] done\n' };
    await slack.filesUploadV2({ channel_id: channel, thread_ts: ts, ...file });
    // Each answer to a command opens its thread, and Slack shows a file later than the call says.
    await page.getByRole('region', { name: 'File A file' }).waitFor();
    await page.getByRole('button', { name: 'Close the thread' }).click();
    await page.getByRole('heading', { name: 'A small heading' }).waitFor();
    await expectAccessible(page, 'the channel');
    await page.locator('.replies').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'File A file' }).waitFor();
    await expectAccessible(page, 'the thread');
    await page.getByRole('textbox', { name: 'Reply' }).press('Escape');
    await page.getByRole('complementary').waitFor({ state: 'detached' });
    assert.match(String(await focused()), /replies/);
  });

  inBrowser(
    'closes a modal and a confirmation with Escape, and returns the focus to the button',
    async () => {
      for (const [label, action] of [
        ['Open a form', 'form'],
        ['Remove', 'sure'],
      ] as const) {
        const button = page.getByRole('button', { name: label });
        await button.focus();
        await page.keyboard.press('Enter');
        await page.getByRole('dialog').waitFor();
        await expectAccessible(page, label);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
        assert.equal(await focused(), action);
      }
    },
  );

  inBrowser('keeps the focus in a message whose button goes with an update', async () => {
    const channel = workspace.channels.general;
    const last = workspace.messages(channel).find(({ blocks, threadTs }) => blocks && !threadTs);
    await page.getByRole('button', { name: 'Remove' }).focus();
    const section = { type: 'section', text: { type: 'mrkdwn', text: 'Decided.' } };
    await slack.chat.update({ channel, ts: last?.ts ?? '', text: 'x', blocks: [section] as never });
    await page.getByText('Decided.').waitFor();
    assert.match(String(await focused()), /message/);
  });

  inBrowser('is accessible in the app’s Home and messages', async () => {
    const home = { type: 'home', blocks: message.filter(({ type }) => !/plan|table|markdown/.test(type)) };
    await slack.views.publish({ user_id: workspace.people.ana, view: home as never });
    await page.getByRole('button', { name: 'Countersign' }).click();
    await page.getByRole('button', { name: 'Open a form' }).waitFor();
    await expectAccessible(page, 'Home');
    await page.getByRole('tab', { name: 'Messages' }).click();
    await page.getByRole('button', { name: 'Where do my runs stand?' }).waitFor();
    await expectAccessible(page, 'the messages of the app');
  });
});
