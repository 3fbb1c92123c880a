import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import WebSocket from 'ws';
import { startWorkspace, type Workspace } from '../../sandbox/workspace/index.js';

const quiet = { logLevel: LogLevel.ERROR, retryConfig: { retries: 0 } };

describe('the local workspace', () => {
  let workspace: Workspace;
  let slack: WebClient;
  before(async () => {
    workspace = await startWorkspace({ manifest: readFileSync('manifest.yml', 'utf8') });
    slack = new WebClient(workspace.credentials.botToken, { slackApiUrl: workspace.apiUrl, ...quiet });
  });
  after(() => workspace.close());
  beforeEach(() => workspace.faults.clear());

  const refused = (call: Promise<unknown>, code: string, detail?: RegExp) =>
    assert.rejects(
      call,
      (error: { data?: { error?: string; response_metadata?: { messages?: string[] } } }) => {
        assert.equal(error.data?.error, code);
        if (detail) assert.match(error.data?.response_metadata?.messages?.join(' ') ?? '', detail);
        return true;
      },
    );
  const section = (text: string) => ({ type: 'section' as const, text: { type: 'mrkdwn' as const, text } });

  it('goes on after any request, also one whose path is no address', async () => {
    const { port } = new URL(workspace.url);
    const raw = (text: string) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
        let answer = '';
        socket.on('data', (data) => (answer += String(data)));
        socket.on('end', () => resolve(answer));
        socket.on('error', reject);
        socket.setTimeout(5_000, () => socket.destroy(new Error(`No answer to ${text}`)));
      });
    const upgrade = (path: string) =>
      raw(
        `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
      );
    for (const path of ['//', 'http://[', '///?token=%zz', '/socket/%00'])
      assert.match(await upgrade(path), /^HTTP\/1.1 403 /);
    assert.match(
      await raw(`GET // HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nconnection: close\r\n\r\n`),
      /^HTTP\/1.1 404 /,
    );
    for (const body of ['null', '[]', '7'])
      await fetch(`${workspace.url}response/none`, { method: 'POST', body });
    assert.equal((await slack.auth.test()).ok, true);
  });

  it('keeps messages, threads, metadata and edits, and pages through them', async () => {
    const channel = workspace.channels.incidents;
    const metadata = { event_type: 'test', event_payload: { key: 'k' } };
    const first = await slack.chat.postMessage({ channel, text: 'one', metadata });
    for (const text of ['two', 'three']) await slack.chat.postMessage({ channel, text });
    await slack.chat.postMessage({ channel, text: 'reply', thread_ts: first.ts ?? '' });
    const page = await slack.conversations.history({ channel, limit: 2 });
    assert.deepEqual(
      page.messages?.map(({ text }) => text),
      ['three', 'two'],
    );
    const cursor = page.response_metadata?.next_cursor ?? '';
    const rest = await slack.conversations.history({ channel, limit: 2, cursor, include_all_metadata: true });
    assert.deepEqual(
      rest.messages?.map(({ text, metadata: kept, reply_count }) => [text, kept, reply_count]),
      [['one', metadata, 1]],
    );
    const thread = await slack.conversations.replies({ channel, ts: first.ts ?? '' });
    assert.deepEqual(
      thread.messages?.map(({ text }) => text),
      ['one', 'reply'],
    );
    await slack.chat.update({ channel, ts: first.ts ?? '', text: 'one, mended' });
    assert.equal(workspace.messages(channel)[0]?.text, 'one, mended');
    const link = await slack.chat.getPermalink({ channel, message_ts: first.ts ?? '' });
    assert.ok(link.permalink?.startsWith(`${workspace.url}archives/${channel}/p`));
  });

  it('refuses what Slack refuses, in Slack’s words', async () => {
    const { general, random, archived, private: hidden } = workspace.channels;
    await refused(slack.chat.postMessage({ channel: 'C0NOWHERE', text: 'x' }), 'channel_not_found');
    await refused(slack.chat.postMessage({ channel: hidden, text: 'x' }), 'channel_not_found');
    await refused(slack.chat.postMessage({ channel: random, text: 'x' }), 'not_in_channel');
    await refused(slack.chat.postMessage({ channel: archived, text: 'x' }), 'is_archived');
    await refused(slack.chat.postMessage({ channel: general, text: '' }), 'no_text');
    await refused(
      slack.chat.postMessage({ channel: general, text: 'x', blocks: [section('y'.repeat(3001))] }),
      'invalid_blocks',
      /must be less than 3001 characters \[json-pointer:\/blocks\/0\/text\/text\]/,
    );
    await refused(
      slack.chat.postMessage({
        channel: general,
        text: 'x',
        blocks: Array.from({ length: 51 }, () => ({ type: 'divider' as const })),
      }),
      'invalid_blocks',
      /no more than 50 items allowed/,
    );
    await refused(
      slack.chat.postMessage({
        channel: general,
        text: 'x',
        blocks: Array.from({ length: 6 }, () => section('y'.repeat(2900))),
      }),
      'msg_blocks_too_long',
    );
    await refused(slack.chat.update({ channel: general, ts: '1.0', text: 'x' }), 'message_not_found');
    await refused(slack.team.info(), 'missing_scope');
    await refused(slack.apiCall('no.such.method'), 'unknown_method');
    const stranger = new WebClient('xoxb-wrong', { slackApiUrl: workspace.apiUrl, ...quiet });
    await refused(stranger.auth.test(), 'invalid_auth');
  });

  it('takes menus and choices as Slack does, and nothing else', async () => {
    const { general } = workspace.channels;
    const post = (element: object) =>
      slack.chat.postMessage({
        channel: general,
        text: 'x',
        blocks: [{ type: 'actions', elements: [{ action_id: 'a', ...element }] }] as never,
      });
    const option = (value: string, type = 'plain_text') => ({ text: { type, text: 'More' }, value });
    const menu = (...options: object[]) => ({ type: 'overflow', options });
    const radio = (options: object[], own: object = {}) => ({ type: 'radio_buttons', options, ...own });
    await post(menu(option('v'.repeat(150))));
    await post(radio([option('1', 'mrkdwn'), option('2')], { initial_option: option('2') }));
    for (const [wrong, detail] of [
      [menu(option('v'.repeat(151))), /less than 151/],
      [menu(option('1', 'mrkdwn')), /must be plain_text/],
      [menu(...Array.from({ length: 6 }, (_, at) => option(String(at)))), /no more than 5/],
      [menu(), /no less than 1/],
      [radio([option('1')], { initial_option: option('2') }), /must be one of the options/],
    ] as const) {
      await refused(post(wrong), 'invalid_blocks', detail);
    }
  });

  it('takes plans, tasks and tables as Slack does, and nothing else', async () => {
    const { general } = workspace.channels;
    const post = (...blocks: object[]) =>
      slack.chat.postMessage({ channel: general, text: 'x', blocks: blocks as never });
    const rich = (text: string) => ({
      type: 'rich_text',
      elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }],
    });
    const task = { type: 'task_card', task_id: '1', title: 'Read', status: 'complete' };
    const source = { type: 'url', url: 'https://a.example', text: 'a.example' };
    await post({ type: 'plan', title: 'P', tasks: [{ ...task, details: rich('d'), output: rich('o') }] });
    await post({ ...task, status: 'in_progress', sources: [source] });
    for (const [wrong, detail] of [
      [{ ...task, status: 'completed' }, /one of pending, in_progress, complete, error/],
      [{ ...task, title: { type: 'plain_text', text: 'Read' } }, /must be a string .*\/blocks\/0\/title/],
      [{ ...task, task_id: undefined }, /missing required field: task_id/],
      [{ ...task, details: { type: 'plain_text', text: 'd' } }, /must be rich_text/],
      [{ ...task, output: rich('') }, /must be more than 0 characters/],
      [{ ...task, sources: [{ url: 'https://a.example' }] }, /missing required field: text/],
      [{ type: 'plan', tasks: [] }, /missing required field: title/],
      [{ type: 'plan', title: 'P', tasks: [task, task] }, /already exists/],
      [{ type: 'plan', title: 'P', tasks: Array(51).fill(task) }, /no more than 50/],
    ] as const) {
      await refused(post(wrong), 'invalid_blocks', detail);
    }
    const cell = (text: string) => ({ type: 'raw_text', text });
    const table = { type: 'table', rows: [[cell('a'), rich('b')]], column_settings: [{ align: 'right' }] };
    await post(section('before'), table);
    for (const [wrong, detail] of [
      [{ ...table, rows: Array(101).fill([cell('a')]) }, /no more than 100/],
      [{ ...table, rows: [Array(21).fill(cell('a'))] }, /no more than 20/],
      [{ ...table, rows: [[cell('')]] }, /must be more than 0 characters/],
      [{ ...table, rows: [[{ type: 'mrkdwn', text: 'a' }]] }, /unsupported type: mrkdwn/],
      [{ ...table, rows: [[cell('y'.repeat(6000)), cell('y'.repeat(6000))]] }, /less than 10001/],
      [{ ...table, column_settings: [{ align: 'middle' }] }, /left, center, right/],
    ] as const) {
      await refused(post(wrong), 'invalid_blocks', detail);
    }
    await refused(post(table, table), 'invalid_attachments');
    await refused(
      slack.views.publish({
        user_id: workspace.people.ana,
        view: { type: 'home', blocks: [table as never] },
      }),
      'invalid_arguments',
      /unsupported type: table/,
    );
  });

  it('does what is asked of it to go wrong', async () => {
    const channel = workspace.channels.incidents;
    const count = () => workspace.messages(channel).length;
    const before = count();
    const post = () => slack.chat.postMessage({ channel, text: 'again' });
    for (const [fault, posted] of [
      ['drop', 0],
      ['error-500', 0],
      ['ratelimited', 0],
      ['lose-answer', 1],
    ] as const) {
      workspace.faults.inject({ kind: fault, method: 'chat.postMessage' });
      const strict = new WebClient(workspace.credentials.botToken, {
        slackApiUrl: workspace.apiUrl,
        ...quiet,
        rejectRateLimitedCalls: true,
      });
      const was = count();
      await assert.rejects(strict.chat.postMessage({ channel, text: 'again' }), Error, fault);
      assert.equal(count() - was, posted, fault);
    }
    await post();
    assert.equal(count(), before + 2);
  });

  it('limits posts in a channel to a burst, and then one a second', async () => {
    const strict = new WebClient(workspace.credentials.botToken, {
      slackApiUrl: workspace.apiUrl,
      ...quiet,
      rejectRateLimitedCalls: true,
    });
    const channel = workspace.channels.approvals;
    const posts = await Promise.allSettled(
      Array.from({ length: 40 }, () => strict.chat.postMessage({ channel, text: 'x' })),
    );
    const limited = posts.filter((post) => post.status === 'rejected');
    assert.ok(limited.length >= 8 && limited.length <= 10, `${limited.length} refused`);
    assert.equal((limited[0] as PromiseRejectedResult).reason.retryAfter, 1);
  });

  it('opens one modal for a trigger, for the person who clicked, within three seconds', async () => {
    const view = {
      type: 'modal' as const,
      title: { type: 'plain_text' as const, text: 'T' },
      blocks: [section('x')],
    };
    const triggers: string[] = [];
    const receiver = new SocketModeReceiver({
      appToken: workspace.credentials.appToken,
      logLevel: LogLevel.ERROR,
      installerOptions: { clientOptions: { slackApiUrl: workspace.apiUrl } },
    });
    const app = new App({
      token: workspace.credentials.botToken,
      receiver,
      logLevel: LogLevel.ERROR,
      clientOptions: { slackApiUrl: workspace.apiUrl },
    });
    app.command('/agent', async ({ ack, command }) => {
      triggers.push(command.trigger_id);
      if (command.text === 'silent') return;
      await ack(command.text === 'answer' ? 'here' : undefined);
      if (command.text !== 'respond') return;
      const answers = [];
      for (let use = 0; use < 6; use += 1) {
        const answer = await fetch(command.response_url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ text: `use ${use}` }),
        });
        answers.push(answer.status);
      }
      statuses.push(...answers);
    });
    const statuses: number[] = [];
    await app.start();
    try {
      const { ana } = workspace.people;
      const { general } = workspace.channels;
      const actor = workspace.as(ana);
      await actor.command(general, '/agent', '');
      await actor.command(general, '/agent', '');
      await slack.views.open({ trigger_id: triggers[0] ?? '', view });
      assert.equal(workspace.openViews(ana).length, 1);
      await refused(slack.views.open({ trigger_id: triggers[0] ?? '', view }), 'exchanged_trigger_id');
      await refused(slack.views.open({ trigger_id: 'made.up', view }), 'invalid_trigger_id');
      await delay(3_100);
      await refused(slack.views.open({ trigger_id: triggers[1] ?? '', view }), 'expired_trigger_id');

      await actor.command(general, '/agent', 'answer');
      assert.equal(workspace.ephemerals(ana).at(-1)?.text, 'here');
      await actor.command(general, '/agent', 'respond');
      await workspace.waitFor(() => statuses.length === 6, { what: 'the answers' });
      assert.deepEqual(statuses, [200, 200, 200, 200, 200, 404], 'a response_url has five uses');
      const late = await actor.command(general, '/agent', 'silent');
      assert.deepEqual(late, { ok: false, error: 'operation_timeout' });
      assert.match(workspace.ephemerals(ana).at(-1)?.text ?? '', /failed because the app did not respond/);
    } finally {
      await app.stop();
    }
    await workspace.waitFor(() => !workspace.connected(), { what: 'the app gone' });
    const nobody = await workspace
      .as(workspace.people.ana)
      .command(workspace.channels.general, '/agent', 'x');
    assert.deepEqual(nobody, { ok: false, error: 'dispatch_failed' });
  });

  it('is driven by its own page alone', async () => {
    const { port } = new URL(workspace.url);
    const status = async (headers: Record<string, string>) => {
      const answer = await fetch(`${workspace.apiUrl}api.test`, { headers });
      return answer.status;
    };
    assert.equal(await status({}), 200);
    assert.equal(await status({ origin: 'https://evil.example' }), 403);
    assert.equal(await status({ origin: `http://127.0.0.1:${port}` }), 200);
    const rebound = await new Promise<number>((resolve) => {
      import('node:http').then(({ get }) =>
        get({ host: '127.0.0.1', port, path: '/api/api.test', headers: { host: 'evil.example' } }, (answer) =>
          resolve(answer.statusCode ?? 0),
        ),
      );
    });
    assert.equal(rebound, 403);
    const opens = (path: string, origin?: string) =>
      new Promise<boolean>((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, origin ? { origin } : {});
        socket.on('open', () => {
          socket.terminate();
          resolve(true);
        });
        socket.on('error', () => resolve(false));
      });
    assert.equal(await opens('/page/socket?token=guessed', `http://127.0.0.1:${port}`), false);
    assert.equal(await opens('/page/socket'), false);
    assert.equal(await opens('/socket/guessed'), false);
  });

  it('keeps everything over a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'workspace-'));
    const statePath = join(folder, 'deep', 'state.jsonl');
    try {
      const first = await startWorkspace({ statePath });
      const { ana } = first.people;
      await first.as(ana).send(first.channels.general, 'hello');
      const client = new WebClient(first.credentials.botToken, { slackApiUrl: first.apiUrl, ...quiet });
      const { ts = '' } = await client.chat.postMessage({ channel: first.channels.general, text: 'old' });
      await client.chat.update({ channel: first.channels.general, ts, text: 'new' });
      await client.views.publish({ user_id: ana, view: { type: 'home', blocks: [section('home')] } });
      await first.close();
      const second = await startWorkspace({ statePath });
      assert.deepEqual(second.credentials, first.credentials);
      assert.deepEqual(
        second.messages(second.channels.general).map(({ text }) => text),
        ['hello', 'new'],
      );
      assert.match(JSON.stringify(second.home(ana)), /home/);
      await second.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
