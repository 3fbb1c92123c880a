import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { LogLevel, WebClient } from '@slack/web-api';
import { openContents } from '../../sandbox/workspace/files/contents.js';
import { startWorkspace, type Workspace } from '../../sandbox/workspace/index.js';

const REPORT = '# Backups\n\nThree ways, compared.\n';

function clientOf({ credentials, apiUrl }: Workspace): WebClient {
  return new WebClient(credentials.botToken, {
    slackApiUrl: apiUrl,
    logLevel: LogLevel.ERROR,
    retryConfig: { retries: 0 },
  });
}

const refused = (call: Promise<unknown>, code: string) =>
  assert.rejects(call, (error: { data?: { error?: string } }) => {
    assert.equal(error.data?.error, code);
    return true;
  });

describe('files in the local workspace', () => {
  const folder = mkdtempSync(join(tmpdir(), 'workspace-'));
  const options = {
    manifest: readFileSync('manifest.yml', 'utf8'),
    statePath: join(folder, 'state.jsonl'),
    pageDir: join(folder, 'page'),
    shareFilesAfterMs: 50,
  };
  let workspace: Workspace;
  let slack: WebClient;
  let channel: string;
  before(async () => {
    workspace = await startWorkspace(options);
    slack = clientOf(workspace);
    channel = workspace.channels.general;
  });
  after(async () => {
    await workspace.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => workspace.faults.clear());

  const announce = (filename: string, length: number) =>
    slack.files.getUploadURLExternal({ filename, length }) as Promise<{
      upload_url: string;
      file_id: string;
    }>;
  const upload = (url: string, body: string | Buffer) => fetch(url, { method: 'POST', body });
  /** The message that shows a file, once it does. */
  const shown = (name: string, from = workspace) =>
    from.waitFor(
      () => from.messages(channel).find(({ files = [] }) => files.some((file) => file.name === name)),
      { what: name },
    );

  it('are uploaded by Slack’s own SDK into a thread, and found there by their title', async () => {
    const { ts: thread_ts = '' } = await slack.chat.postMessage({ channel, text: 'the card' });
    await slack.filesUploadV2({
      channel_id: channel,
      thread_ts,
      filename: 'result.md',
      title: 'The whole result',
      initial_comment: 'As a file:',
      content: REPORT,
    });
    assert.deepEqual(workspace.thread(channel, thread_ts), [], 'Slack answers before it shares the file');
    await shown('result.md');
    const { messages = [] } = await slack.conversations.replies({ channel, ts: thread_ts });
    const [, reply] = messages as { text?: string; files?: Record<string, unknown>[] }[];
    assert.equal(reply?.text, 'As a file:');
    const file = reply?.files?.[0] ?? {};
    assert.deepEqual(
      [file.name, file.title, file.filetype, file.mimetype, file.size],
      ['result.md', 'The whole result', 'markdown', 'text/plain', REPORT.length],
    );
    const inThread = workspace.thread(channel, thread_ts)[0];
    assert.ok(inThread);
    assert.equal(workspace.as(workspace.people.ana).readFiles(inThread)[0]?.text, REPORT);
    assert.equal(inThread.files?.[0]?.lines, 3);
  });

  it('are taken as raw bytes too, and several make one message', async () => {
    const bytes = Buffer.from([0, 1, 2, 255]);
    const [one, other] = [await announce('a.bin', 4), await announce('b.bin', 4)];
    for (const { upload_url } of [one, other]) {
      const answer = await upload(upload_url, bytes);
      assert.deepEqual([answer.status, await answer.text()], [200, 'OK - 4']);
    }
    await slack.files.completeUploadExternal({
      files: [{ id: one.file_id }, { id: other.file_id, title: 'B' }],
      channel_id: channel,
    });
    const files = workspace.as(workspace.people.ana).readFiles(await shown('b.bin'));
    assert.deepEqual(
      files.map(({ title, content, preview }) => [title, content, preview]),
      [
        ['a.bin', bytes, undefined],
        ['B', bytes, undefined],
      ],
    );
  });

  it('are refused where Slack refuses them', async () => {
    await refused(announce('x.txt', 0), 'missing_argument');
    await refused(announce('x.txt', 2_000_000_000), 'file_upload_size_restricted');
    const { upload_url, file_id } = await announce('x.txt', 5);
    assert.equal((await upload(upload_url, 'four')).status, 400);
    const complete = (channel_id: string, thread_ts = '') =>
      slack.files.completeUploadExternal({ files: [{ id: file_id }], channel_id, thread_ts });
    await refused(complete(channel), 'file_not_found');
    assert.equal((await upload(upload_url, 'fives')).status, 200);
    await refused(complete(workspace.channels.random), 'not_in_channel');
    await complete(channel);
    await refused(complete(channel), 'file_not_found');
    const without = await startWorkspace({
      manifest: options.manifest.replaceAll(/.*files:(write|read).*/g, ''),
    });
    await refused(clientOf(without).files.info({ file: file_id }), 'missing_scope');
    await refused(
      clientOf(without).files.getUploadURLExternal({ filename: 'x', length: 1 }),
      'missing_scope',
    );
    await without.close();
  });

  it('are described by files.info, with where they were shared', async () => {
    const free = await startWorkspace({ shareFilesAfterMs: 200 });
    const client = clientOf(free);
    const { general } = free.channels;
    const { file_id: id = '', upload_url = '' } = await client.files.getUploadURLExternal({
      filename: 'x.txt',
      length: 1,
    });
    await upload(upload_url, 'x');
    await client.files.completeUploadExternal({ files: [{ id }], channel_id: general });
    const early = await client.files.info({ file: id });
    assert.deepEqual(early.file?.shares, {}, 'not shared yet');
    const message = await shown('x.txt', free);
    const { file } = await client.files.info({ file: id });
    assert.equal(file?.name, 'x.txt');
    assert.equal(file?.shares?.public?.[general]?.[0]?.ts, message?.ts);
    const { botToken } = free.credentials;
    const read = (authorization: string) => fetch(file?.url_private ?? '', { headers: { authorization } });
    assert.equal(await (await read(`Bearer ${botToken}`)).text(), 'x');
    // As on Slack, a wrong token gets no error, but a page in which people sign in.
    const page = await read('Bearer xoxb-guessed');
    assert.deepEqual([page.status, page.redirected], [200, true]);
    assert.match(await page.text(), /^<!DOCTYPE html>.*Sign in/);
    await free.close();
  });

  it('are put into messages and threads by people, and the app hears of it', async () => {
    const ana = workspace.as(workspace.people.ana);
    const root = await ana.send(channel, 'a question');
    const mention = await ana.send(channel, `<@${workspace.botUser}> look`, root.ts, [
      { name: 'notes.csv', content: 'a,b' },
    ]);
    const { event = {} } = (workspace.deliveries.at(-1)?.payload ?? {}) as {
      event?: Record<string, unknown>;
    };
    const [file] = event.files as Record<string, unknown>[];
    assert.deepEqual([event.type, event.ts, event.upload], ['app_mention', mention.ts, true]);
    assert.equal('team' in event, false, 'Slack names no team beside files');
    assert.deepEqual([file?.name, file?.user, file?.size], ['notes.csv', workspace.people.ana, 3]);
    const { messages = [] } = await slack.conversations.replies({ channel, ts: root.ts });
    assert.equal((messages[1] as { files?: { name: string }[] }).files?.[0]?.name, 'notes.csv');
    workspace.changeFile(String(file?.id), { mode: 'tombstone' });
    await refused(slack.files.info({ file: String(file?.id) }), 'file_deleted');
  });

  it('are attached on the page, by whoever has its token', async () => {
    const { pageToken: token, people } = workspace;
    const upload = (query: Record<string, string>) =>
      fetch(`${workspace.url}page/files?${new URLSearchParams(query)}`, { method: 'POST', body: 'x' });
    assert.equal((await upload({ token: 'guessed', as: people.ana, name: 'x.txt' })).status, 403);
    const id = await (await upload({ token, as: people.ana, name: 'x.txt' })).text();
    await workspace.as(people.ben).write(channel, 'not mine', undefined, [id]);
    assert.equal(workspace.messages(channel).at(-1)?.files, undefined);
    await workspace.as(people.ana).write(channel, 'mine', undefined, [id]);
    assert.equal(workspace.messages(channel).at(-1)?.files?.[0]?.name, 'x.txt');
  });

  it('do not arrive when their upload breaks, and arrive when only its answer was lost', async () => {
    const { upload_url, file_id } = await announce('x.txt', 1);
    const complete = () =>
      slack.files.completeUploadExternal({ files: [{ id: file_id }], channel_id: channel });
    workspace.faults.inject({ kind: 'drop', method: 'upload' });
    await assert.rejects(upload(upload_url, 'x'));
    await refused(complete(), 'file_not_found');
    workspace.faults.inject({ kind: 'lose-answer', method: 'upload' });
    await assert.rejects(upload(upload_url, 'x'));
    await complete();
    await shown('x.txt');
  });

  it('show in any order, and some never', async () => {
    const share = async (name: string) => {
      const { upload_url, file_id } = await announce(name, 1);
      await upload(upload_url, 'x');
      await slack.files.completeUploadExternal({ files: [{ id: file_id }], channel_id: channel });
      return file_id;
    };
    workspace.faults.inject({ kind: 'slow', delayMs: 400, method: 'share' });
    await share('first.txt');
    await share('second.txt');
    workspace.faults.inject({ kind: 'drop', method: 'share' });
    await share('lost.txt');
    await shown('first.txt');
    const names = workspace.messages(channel).flatMap(({ files = [] }) => files.map(({ name }) => name));
    assert.deepEqual(names.slice(-2), ['second.txt', 'first.txt']);
    assert.ok(!names.includes('lost.txt'));
  });

  it('are handed to the page that has the token, as nothing that could act', async () => {
    const html = '<script>alert(1)</script>';
    await slack.filesUploadV2({ channel_id: channel, filename: 'page.html', content: html });
    const { id = '', name = '' } = (await shown('page.html')).files?.[0] ?? {};
    const address = `${workspace.url}files/${id}/${name}`;
    assert.match(await (await fetch(address)).text(), /Sign in/);
    for (const path of [`${address}?token=guessed`, `${address}?token=${'é'.repeat(48)}`]) {
      assert.equal((await fetch(path)).status, 403, path);
    }
    const answer = await fetch(`${address}?download=1&token=${workspace.pageToken}`);
    assert.equal(await answer.text(), html);
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(
      answer.headers.get('content-disposition') ?? '',
      /^attachment; filename\*=UTF-8''page\.html$/,
    );
    assert.match(answer.headers.get('content-security-policy') ?? '', /sandbox/);
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
    const foreign = { headers: { origin: 'https://evil.example' } };
    assert.equal((await fetch(`${address}?token=${workspace.pageToken}`, foreign)).status, 403);
  });

  it('are still there after a restart', async () => {
    await slack.filesUploadV2({ channel_id: channel, filename: 'kept.txt', content: 'kept' });
    await shown('kept.txt');
    await workspace.close();
    workspace = await startWorkspace(options);
    slack = clientOf(workspace);
    const message = workspace.messages(channel).at(-1);
    assert.equal(workspace.as(workspace.people.ben).readFiles(message ?? {})[0]?.text, 'kept');
    const { messages = [] } = await slack.conversations.history({ channel, limit: 1 });
    assert.equal((messages[0] as { files?: { title: string }[] }).files?.[0]?.title, 'kept.txt');
  });

  it('give way, the oldest first, when there are too many', () => {
    for (const place of [undefined, join(folder, 'small')]) {
      const contents = openContents(place, 10);
      contents.put('F1', Buffer.alloc(6));
      contents.put('F2', Buffer.alloc(6));
      assert.equal(contents.get('F1'), undefined);
      assert.equal(contents.get('F2')?.length, 6);
      assert.equal(contents.get('F3'), undefined);
    }
  });
});
