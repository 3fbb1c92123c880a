import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';
import type { AppMentionEvent } from '@slack/types';
import { WebClient } from '@slack/web-api';
import { startWorkspace, type Workspace } from '../../sandbox/workspace/index.js';

const manifest = readFileSync('manifest.yml', 'utf8');

describe('mentions and threads in the local workspace', () => {
  let workspace: Workspace;
  let slack: WebClient;
  let app: App;
  const mentions: { event: AppMentionEvent; eventId: string; retry: number | undefined }[] = [];
  const clicks: { values: unknown; thread: unknown }[] = [];

  const startApp = async () => {
    const receiver = new SocketModeReceiver({
      appToken: workspace.credentials.appToken,
      logLevel: LogLevel.ERROR,
      installerOptions: { clientOptions: { slackApiUrl: workspace.apiUrl } },
    });
    app = new App({
      token: workspace.credentials.botToken,
      receiver,
      logLevel: LogLevel.ERROR,
      clientOptions: { slackApiUrl: workspace.apiUrl },
    });
    app.event('app_mention', async ({ event, body, context }) => {
      mentions.push({ event, eventId: body.event_id, retry: context.retryNum });
    });
    app.action('approve', async ({ ack, body }) => {
      await ack();
      const { state, container } = body as unknown as {
        state?: { values: unknown };
        container: { thread_ts: unknown };
      };
      clicks.push({ values: state?.values, thread: container.thread_ts });
    });
    await app.start();
  };

  before(async () => {
    // Slack's schedule in a hurry: it brings an event again for ten seconds.
    workspace = await startWorkspace({ manifest, eventRetries: { pausesMs: [0, ...Array(50).fill(200)] } });
    slack = new WebClient(workspace.credentials.botToken, {
      slackApiUrl: workspace.apiUrl,
      logLevel: LogLevel.ERROR,
    });
    await startApp();
  });
  after(async () => {
    await app.stop();
    // Bolt waits 30 s for the end of a connection that is cut off while it closes.
    await workspace.waitFor(() => !workspace.connected(), { what: 'the app gone' });
    await workspace.close();
  });
  beforeEach(() => {
    mentions.length = 0;
    clicks.length = 0;
  });
  const card = async () => {
    const { ts = '' } = await slack.chat.postMessage({ channel: workspace.channels.general, text: 'card' });
    return { channel: workspace.channels.general, ts };
  };

  it('tell the app who said what in which thread', async () => {
    const { general } = workspace.channels;
    const root = await card();
    const said = await workspace.as(workspace.people.ben).mention(general, 'go on', { threadTs: root.ts });
    const { event } = mentions[0] ?? {};
    assert.equal(mentions.length, 1);
    assert.deepEqual(
      [event?.text, event?.user, event?.channel, event?.ts, event?.thread_ts, event?.team],
      [`<@${workspace.botUser}> go on`, workspace.people.ben, general, said.ts, root.ts, workspace.team.id],
    );
    assert.equal(workspace.thread(general, root.ts)[0]?.ts, said.ts);
  });

  it('are what a person types with an @, in Slack’s own form', async () => {
    const { general } = workspace.channels;
    const typed = '@countersign ask @ben & @approvers of <b> #random: https://a.example/x?y=1&z=2. not a@b';
    await workspace.as(workspace.people.ana).write(general, typed);
    assert.equal(
      mentions[0]?.event.text,
      `<@${workspace.botUser}> ask <@U02BEN> &amp; <!subteam^S01APPROVERS> of &lt;b&gt; ` +
        '<#C04RANDOM|>: <https://a.example/x?y=1&amp;z=2>. not a@b',
    );
  });

  it('reach the app only where it is a member, and not from a direct message', async () => {
    const { ana } = workspace.people;
    const { random } = workspace.channels;
    const actor = workspace.as(ana);
    await actor.mention(random, 'hello');
    assert.match(workspace.ephemerals(ana).at(-1)?.text ?? '', /they’re not in this channel/);
    const direct = await slack.conversations.open({ users: ana });
    await actor.mention(direct.channel?.id ?? '', 'hello');
    assert.equal(mentions.length, 0);
    assert.deepEqual(await actor.command(random, '/invite', '@countersign'), { ok: true });
    await actor.mention(random, 'hello');
    assert.equal(mentions.length, 1);
  });

  it('are brought a second time with the same event id', async () => {
    const { general } = workspace.channels;
    await workspace.as(workspace.people.ana).mention(general, 'twice', { redeliver: 1 });
    await workspace.waitFor(() => mentions.length === 2, { what: 'the second delivery' });
    assert.equal(mentions[0]?.eventId, mentions[1]?.eventId);
    assert.deepEqual(
      mentions.map(({ retry }) => retry),
      [0, 1],
    );
  });

  it('made while the app was away are brought when it is back', async () => {
    await app.stop();
    await workspace.waitFor(() => !workspace.connected(), { what: 'the app gone' });
    await workspace.as(workspace.people.ana).mention(workspace.channels.general, 'are you there?');
    await startApp();
    await workspace.waitFor(() => mentions.length === 1, { what: 'the mention', timeoutMs: 10_000 });
    assert.ok((mentions[0]?.retry ?? 0) > 0);
  });

  it('made while the app was away are brought four times and then given up, as Slack does', async () => {
    const away = await startWorkspace({ manifest, eventRetries: { pausesMs: [0, 20, 40] } });
    await away.as(away.people.ben).mention(away.channels.general, 'are you there?');
    await away.waitFor(() => away.deliveries.length === 4, { what: 'the last attempt' });
    await delay(100);
    assert.deepEqual(
      away.deliveries.map(({ retry, result }) => [retry?.number ?? 0, !result.ok && result.reason]),
      [0, 1, 2, 3].map((number) => [number, 'no-app']),
    );
    await away.close();
  });

  it('made while the app was away for long are still brought, where Delayed Events is on', async () => {
    const away = await startWorkspace({ manifest, eventRetries: { pausesMs: [0, 20, 40], delayedMs: 20 } });
    await away.as(away.people.ben).mention(away.channels.general, 'are you there?');
    await away.waitFor(() => away.deliveries.length === 28, { what: 'a day of attempts' });
    await delay(100);
    assert.equal(away.deliveries.length, 28);
    await away.close();
  });

  it('need the scope that Slack asks for', async () => {
    const without = await startWorkspace({ manifest: manifest.replace(/.*app_mentions:read.*/, '') });
    await without.as(without.people.ana).mention(without.channels.general, 'hello');
    assert.equal(without.deliveries.length, 0);
    await without.close();
  });

  it('cannot be commands: Slack says so in the thread', async () => {
    const { ana } = workspace.people;
    const root = await card();
    const done = await workspace.as(ana).command(root.channel, '/agent', 'a goal', { threadTs: root.ts });
    assert.deepEqual(done, { ok: false, error: 'not_supported_in_threads' });
    const said = workspace.ephemerals(ana).at(-1);
    assert.deepEqual([said?.text, said?.threadTs], ['/agent is not supported in threads. Sorry!', root.ts]);
  });

  it('hold messages whose inputs and buttons work', async () => {
    const root = await card();
    await slack.chat.postMessage({
      ...root,
      thread_ts: root.ts,
      text: 'Approve?',
      blocks: [
        {
          type: 'input',
          block_id: 'reason',
          optional: true,
          label: { type: 'plain_text', text: 'Reason' },
          element: { type: 'plain_text_input', action_id: 'text' },
        },
        {
          type: 'actions',
          block_id: 'choice',
          elements: [{ type: 'button', action_id: 'approve', text: { type: 'plain_text', text: 'Approve' } }],
        },
      ],
    });
    const dev = workspace.as(workspace.people.dev);
    const [ask] = workspace.thread(root.channel, root.ts);
    assert.ok(ask);
    assert.deepEqual(await dev.click(ask, 'Approve', { values: { reason: 'looks right' } }), { ok: true });
    assert.deepEqual(clicks, [
      {
        values: { reason: { text: { type: 'plain_text_input', value: 'looks right' } } },
        thread: root.ts,
      },
    ]);
    await dev.reply(ask, 'done');
    assert.deepEqual(
      workspace.thread(root.channel, root.ts).map(({ text }) => text),
      ['Approve?', 'done'],
    );
  });

  it('come from people in their own time zones', async () => {
    const zoneOf = async (user: string) => (await slack.users.info({ user })).user;
    const dev = await zoneOf(workspace.people.dev);
    assert.deepEqual(
      [dev?.tz, dev?.tz_label, dev?.tz_offset],
      ['Asia/Kolkata', 'India Standard Time', 19_800],
    );
    const chloe = await zoneOf(workspace.people.chloe);
    assert.ok(chloe?.tz_offset === -18_000 || chloe?.tz_offset === -14_400, String(chloe?.tz_offset));
  });
});

describe('mentions in the local workspace, by HTTP', () => {
  let server: Server;
  let workspace: Workspace;
  const seen: { headers: IncomingHttpHeaders; id: string }[] = [];
  const answers = [500, 500, 200];
  before(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      seen.push({ headers: request.headers, id: JSON.parse(Buffer.concat(chunks).toString()).event_id });
      response.writeHead(answers[seen.length - 1] ?? 200).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    workspace = await startWorkspace({
      manifest,
      eventRetries: { pausesMs: [0, 50, 100] },
      mode: { kind: 'http', eventsUrl: `http://127.0.0.1:${port}/slack/events` },
    });
  });
  after(async () => {
    await workspace.close();
    server.close();
  });

  it('are brought again, numbered, until the app takes them', async () => {
    await workspace.as(workspace.people.ana).mention(workspace.channels.general, 'hello');
    await workspace.waitFor(() => seen.length === 3, { what: 'the retries', timeoutMs: 15_000 });
    assert.deepEqual(
      seen.map(({ headers }) => [headers['x-slack-retry-num'], headers['x-slack-retry-reason']]),
      [
        [undefined, undefined],
        ['1', 'http_error'],
        ['2', 'http_error'],
      ],
    );
    assert.equal(new Set(seen.map(({ id }) => id)).size, 1);
  });
});
