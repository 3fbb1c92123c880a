import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe } from 'node:test';
import { LogLevel, WebClient } from '@slack/web-api';
import type { Browser, Locator, Page } from 'playwright-core';
import { type Delivery, startWorkspace, type Workspace } from '../../../sandbox/workspace/index.js';
import { buildPage } from '../../../scripts/build-page.js';
import { openBrowser } from '../../support/product/browser.js';
import { beforeInBrowser, inBrowser } from '../../support/product/sandbox-in-browser.js';

const isStop = ({ payload: { event } }: Delivery) =>
  (event as { type?: string } | undefined)?.type === 'agent_session_stopped';

describe('the page, with an app that works in a thread', () => {
  const folder = mkdtempSync(join(tmpdir(), 'page-'));
  let workspace: Workspace;
  let slack: WebClient;
  let browser: Browser;
  let page: Page;
  let thread: Locator;
  let root: { channel: string; thread_ts: string };
  let crashes = 0;
  const complaints: string[] = [];

  beforeInBrowser(async () => {
    await buildPage(folder);
    workspace = await startWorkspace({
      pageDir: folder,
      manifest: readFileSync('manifest.yml', 'utf8'),
      notices: { model: 'simulated', tools: ['todo', 'fetch_url'] },
      onCrash: () => {
        crashes += 1;
      },
    });
    slack = new WebClient(workspace.credentials.botToken, {
      slackApiUrl: workspace.apiUrl,
      logLevel: LogLevel.ERROR,
    });
    const channel = workspace.channels.general;
    const { ts = '' } = await slack.chat.postMessage({ channel, text: 'The card' });
    root = { channel, thread_ts: ts };
    await slack.chat.postMessage({ ...root, text: 'The first reply' });
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await page.goto(workspace.url);
    await page.getByRole('button', { name: /1 reply/ }).click();
    thread = page.getByRole('complementary', { name: 'Thread' });
  });
  after(async () => {
    await browser?.close();
    await workspace?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const plan = (...statuses: string[]) => ({
    type: 'plan',
    title: 'Clean up',
    tasks: statuses.map((status, index) => ({
      type: 'task_card',
      task_id: `${index}`,
      title: `Step ${index}`,
      status,
    })),
  });

  inBrowser('stays on the screen whatever stands in a message', async () => {
    const channel = workspace.channels.incidents;
    const window = await browser.newPage();
    await window.goto(`${workspace.url}archives/${channel}`);
    const odd = [
      'open <http://[x|this> first',
      `a file <${workspace.url}files/F1/%zz|with an odd name>`,
      'due <!date^99999999999999999^{date}|some day>',
    ];
    for (const text of odd) await slack.chat.postMessage({ channel, text });
    for (const text of ['open this first', 'a file with an odd name', 'due some day'])
      await window.getByText(text).waitFor();
    const blocks = [{ type: 'markdown', text: '>'.repeat(9_000) }] as never;
    await slack.chat.postMessage({ channel, text: 'quoted', blocks });
    await slack.chat.postMessage({ channel, text: 'The next message' });
    await window.getByText('The next message').waitFor();
    await window.reload();
    await window.getByText('The next message').waitFor();
    await window.close();
  });

  inBrowser('shows nobody who is away what only they could see', async () => {
    const { channel } = root;
    const away = page.getByRole('button', { name: 'Away', exact: true });
    const whisper = (text: string) => slack.chat.postEphemeral({ channel, user: workspace.people.ana, text });
    await away.click();
    await page.getByRole('button', { name: 'Away', exact: true, pressed: true }).waitFor();
    await whisper('Nobody hears this');
    await away.click();
    await page.getByRole('button', { name: 'Away', exact: true, pressed: false }).waitFor();
    await whisper('Ana hears this');
    await page.getByText('Ana hears this').waitFor();
    assert.equal(await page.getByText('Nobody hears this').count(), 0);
  });

  inBrowser('shows how far each step is, and leaves a plan closed that somebody closed', async () => {
    const blocks = (...statuses: string[]) => [plan(...statuses)] as never;
    const posted = await slack.chat.postMessage({
      ...root,
      text: 'x',
      blocks: blocks('complete', 'in_progress', 'pending'),
    });
    await thread.getByText('1 of 3').waitFor();
    await thread.getByRole('listitem').filter({ hasText: 'Step 1' }).getByLabel('in progress').waitFor();
    await thread.getByText('Clean up').click();
    await thread.getByText('Step 1').waitFor({ state: 'hidden' });
    const { channel, ts = '' } = { channel: root.channel, ts: posted.ts };
    await slack.chat.update({ channel, ts, text: 'x', blocks: blocks('complete', 'complete', 'error') });
    await thread.getByText('2 of 3').waitFor();
    assert.equal(await thread.getByText('Step 1').isVisible(), false);
    await thread.getByText('Clean up').click();
    await thread.getByRole('listitem').filter({ hasText: 'Step 2' }).getByLabel('failed').waitFor();
  });

  inBrowser('shows a table with its head and its alignment', async () => {
    const rows = [
      ['Way', 'Cost'],
      ['pg_dump', '14'],
    ].map((row) => row.map((text) => ({ type: 'raw_text', text })));
    const table = { type: 'table', rows, column_settings: [{}, { align: 'right' }] };
    await slack.chat.postMessage({ ...root, text: 'x', blocks: [table] as never });
    await thread.getByRole('columnheader', { name: 'Cost' }).waitFor();
    assert.match((await thread.getByRole('cell', { name: '14' }).getAttribute('style')) ?? '', /right/);
  });

  inBrowser('keeps a half-typed reason while the message around it changes', async () => {
    const input = {
      type: 'input',
      block_id: 'reason',
      label: { type: 'plain_text', text: 'Reason' },
      element: { type: 'plain_text_input', action_id: 'text' },
    };
    const text = (words: string) => ({ type: 'section', text: { type: 'mrkdwn', text: words } });
    const posted = await slack.chat.postMessage({ ...root, text: 'x', blocks: [input] as never });
    const field = thread.getByLabel('Reason');
    await field.pressSequentially('half a ');
    await slack.chat.update({
      channel: root.channel,
      ts: posted.ts ?? '',
      text: 'x',
      blocks: [text('One of two has approved'), input] as never,
    });
    await thread.getByText('One of two has approved').waitFor();
    await page.keyboard.type('sentence');
    assert.equal(await field.inputValue(), 'half a sentence');
  });

  inBrowser('shows a file’s first lines, all of it with a click, and hands it out', async () => {
    const content = `# Result\n\n${'A line.\n\n'.repeat(20)}**The end** <script>alert(1)</script>\n`;
    await slack.filesUploadV2({
      channel_id: root.channel,
      thread_ts: root.thread_ts,
      filename: 'result.md',
      title: 'The whole result',
      content,
    });
    const file = thread.getByRole('region', { name: 'File The whole result' });
    await file.getByText(`result.md · Markdown · ${content.length} B`).waitFor();
    await file.getByRole('button', { name: /Expand · \d+ more lines/ }).click();
    await file.getByRole('heading', { name: 'Result' }).waitFor();
    await file.getByText('The end').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      file.getByRole('link', { name: 'Download' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'result.md');
    assert.equal(readFileSync(await download.path(), 'utf8'), content);
  });

  inBrowser('attaches files to a reply, which stand under it', async () => {
    const file = (name: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from('item,price') });
    await thread.getByLabel('Files to attach').setInputFiles([file('prices.csv'), file('wrong.csv')]);
    await thread.getByRole('button', { name: 'Remove wrong.csv' }).click();
    await thread.getByRole('textbox', { name: 'Reply' }).fill('The prices');
    await thread.getByRole('button', { name: 'Send' }).click();
    await thread.getByRole('region', { name: 'File prices.csv' }).getByText('item,price').waitFor();
    await thread.getByRole('button', { name: 'Remove prices.csv' }).waitFor({ state: 'hidden' });
    const said = workspace.thread(root.channel, root.thread_ts).at(-1);
    assert.deepEqual([said?.text, said?.files?.map(({ name }) => name)], ['The prices', ['prices.csv']]);
  });

  inBrowser('completes a mention in the thread, and takes no command there', async () => {
    const composer = thread.getByRole('textbox', { name: 'Reply' });
    await composer.fill('@cou');
    await page.getByRole('option', { name: /Countersign/ }).waitFor();
    await composer.press('Enter');
    assert.equal(await composer.inputValue(), '@countersign ');
    await composer.pressSequentially('go on');
    await composer.press('Enter');
    await thread.getByText('@Countersign go on').waitFor();
    const said = workspace.thread(root.channel, root.thread_ts).at(-1);
    assert.equal(said?.text, `<@${workspace.botUser}> go on`);
    await composer.fill('/agent a goal');
    await composer.press('Enter');
    await thread.getByText('/agent is not supported in threads. Sorry!').waitFor();
  });

  inBrowser('makes links of bare addresses, unless a text is verbatim', async () => {
    const text = (verbatim: boolean) => ({
      type: 'section',
      text: { type: 'mrkdwn', text: `https://a.example/${verbatim}`, verbatim },
    });
    await slack.chat.postMessage({ ...root, text: 'x', blocks: [text(true), text(false)] as never });
    await thread.getByRole('link', { name: 'https://a.example/false' }).waitFor();
    assert.equal(await thread.getByRole('link', { name: 'https://a.example/true' }).count(), 0);
  });

  inBrowser('keeps the place of a deleted message that has replies', async () => {
    const { channel } = root;
    const { ts = '' } = await slack.chat.postMessage({ channel, text: 'A message to delete' });
    await slack.chat.postMessage({ channel, thread_ts: ts, text: 'Its only reply' });
    await slack.chat.delete({ channel, ts });
    const left = page.getByRole('article', { name: /^Deleted message/ }).first();
    await left.getByText('This message was deleted.').waitFor();
    await left.getByRole('button', { name: /1 reply/ }).click();
    await thread.getByText('Its only reply').waitFor();
  });

  inBrowser('suggests what to write to the app, says what it does in a thread, and stops it', async () => {
    const window = await browser.newPage();
    await window.goto(workspace.url);
    await window.getByRole('button', { name: 'Countersign' }).click();
    await window.getByRole('tab', { name: 'Messages' }).click();
    await window.getByRole('button', { name: 'Where do my runs stand?' }).click();
    const { ana } = workspace.people;
    const asked = await workspace.waitFor(
      () => workspace.messages(workspace.dm(ana)).find(({ text }) => text === 'list'),
      { what: 'the message' },
    );
    const place = { channel_id: asked.channel, thread_ts: asked.ts };
    await slack.agents.sessions.setStatus({ ...place, status: 'processing' });
    await window.getByText('Working…').waitFor();
    await slack.chat.postMessage({ channel: asked.channel, thread_ts: asked.ts, text: 'One moment' });
    const opened = window.getByRole('complementary', { name: 'Thread' });
    await opened.getByText('Countersign is working…').waitFor();
    await slack.assistant.threads.setStatus({ ...place, status: 'is researching…' });
    await opened.getByText('Countersign is researching…').waitFor();
    await opened.getByRole('button', { name: 'Stop' }).click();
    await workspace.waitFor(() => workspace.deliveries.some(isStop), { what: 'the event' });
    await slack.agents.sessions.setStatus({ ...place, status: 'suspended' });
    await window.getByText('Needs your input').waitFor();
    await opened.getByRole('button', { name: 'Stop' }).waitFor({ state: 'hidden' });
    await window.getByRole('button', { name: /general/ }).click();
    await slack.chat.postMessage({ channel: asked.channel, text: 'A plan waits for you' });
    await window
      .getByRole('button', { name: /Countersign/ })
      .getByLabel('1 unread')
      .waitFor();
    await window.close();
  });

  inBrowser('names the tools, and kills the service at a click', async () => {
    await page.getByText('Tools: todo · fetch_url').waitFor();
    await page.getByText('What if…').click();
    await page.getByRole('button', { name: 'Kill the service (kill -9)' }).click();
    await page.getByText('It starts again by itself, and every run goes on.').waitFor();
    await workspace.waitFor(() => crashes === 1, { what: 'the kill' });
  });

  inBrowser('shows nothing in the browser’s console that would worry anybody', async () => {
    assert.deepEqual(complaints, []);
  });
});
