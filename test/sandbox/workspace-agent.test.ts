import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, beforeEach, describe, it } from 'node:test';
import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { startWorkspace, type Workspace } from '../../sandbox/workspace/index.js';

const manifest = readFileSync('manifest.yml', 'utf8');

/** Reports Slack's error code, with its details. */
async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    const { data } = error as { data?: { error?: string; response_metadata?: { messages?: string[] } } };
    return [data?.error, ...(data?.response_metadata?.messages ?? [])].join(' ');
  }
}

const clientOf = (workspace: Workspace) =>
  new WebClient(workspace.credentials.botToken, {
    slackApiUrl: workspace.apiUrl,
    logLevel: LogLevel.ERROR,
    retryConfig: { retries: 0 },
  });

describe('the app’s direct message in the local workspace', () => {
  let workspace: Workspace;
  let slack: WebClient;
  let app: App;
  let dm: string;
  const events: Record<string, unknown>[] = [];

  before(async () => {
    workspace = await startWorkspace({ manifest });
    slack = clientOf(workspace);
    app = new App({
      token: workspace.credentials.botToken,
      receiver: new SocketModeReceiver({
        appToken: workspace.credentials.appToken,
        logLevel: LogLevel.ERROR,
        installerOptions: { clientOptions: { slackApiUrl: workspace.apiUrl } },
      }),
      ignoreSelf: false,
      logLevel: LogLevel.ERROR,
      clientOptions: { slackApiUrl: workspace.apiUrl },
    });
    for (const name of ['message', 'app_home_opened', 'agent_session_stopped']) {
      app.event(name, async ({ event }) => void events.push(event as unknown as Record<string, unknown>));
    }
    await app.start();
    dm = await workspace.as(workspace.people.ana).openMessages();
  });
  after(async () => {
    await app.stop();
    await workspace.waitFor(() => !workspace.connected(), { what: 'the app gone' });
    await workspace.close();
  });
  beforeEach(() => {
    events.length = 0;
  });
  const next = (type: string) =>
    workspace.waitFor(() => events.find((event) => event.type === type || event.subtype === type), {
      what: `the event ${type}`,
    });

  it('tells the app who wrote what, in which thread', async () => {
    const { ana } = workspace.people;
    const root = await workspace.as(ana).message('draft the notes');
    await workspace.as(ana).message('and send them', { threadTs: root.ts });
    const [first, second] = events;
    assert.deepEqual(
      [first?.channel_type, first?.channel, first?.user, first?.text, first?.thread_ts, first?.bot_id],
      ['im', dm, ana, 'draft the notes', undefined, undefined],
    );
    assert.deepEqual([second?.thread_ts, second?.parent_user_id], [root.ts, ana]);
  });

  it('tells the app of its own messages, of edits and of deletions', async () => {
    const { ana } = workspace.people;
    const { ts = '' } = await slack.chat.postMessage({ channel: dm, text: 'hello' });
    const own = await next('message');
    assert.deepEqual([own.user, typeof own.bot_id, own.subtype], [workspace.botUser, 'string', undefined]);
    await slack.chat.update({ channel: dm, ts, text: 'hello again' });
    const { message, previous_message, hidden } = await next('message_changed');
    assert.equal(hidden, true);
    assert.match(JSON.stringify([message, previous_message]), /"text":"hello again".*"text":"hello"/);
    const mine = await workspace.as(ana).message('a goal');
    events.length = 0;
    await workspace.as(ana).edit(mine, 'another goal');
    assert.match(JSON.stringify((await next('message_changed')).message), /another goal/);
    await workspace.as(ana).delete(mine);
    assert.equal((await next('message_deleted')).deleted_ts, mine.ts);
  });

  it('tells the app when somebody opens it', async () => {
    await workspace.as(workspace.people.ben).openMessages();
    const { tab, user, channel } = await next('app_home_opened');
    assert.deepEqual([tab, user], ['messages', workspace.people.ben]);
    assert.match(String(channel), /^D/);
  });

  it('takes no messages where the manifest says so, and no events without their scopes', async () => {
    const readOnly = await startWorkspace({
      manifest: manifest
        .replace('messages_tab_read_only_enabled: false', 'messages_tab_read_only_enabled: true')
        .replace(/^ +- im:history.*\n/m, '')
        .replace(/^ +- channels:read.*\n/m, ''),
    });
    const { ana } = readOnly.people;
    try {
      await assert.rejects(readOnly.as(ana).message('a goal'), /has been turned off/);
      await clientOf(readOnly).chat.postMessage({ channel: ana, text: 'hello' });
      await readOnly.archive(readOnly.channels.general);
      assert.deepEqual(readOnly.deliveries, []);
    } finally {
      await readOnly.close();
    }
  });

  it('shows prompts of the manifest, and then those that the app sets', async () => {
    const { ana, ben } = workspace.people;
    assert.equal(workspace.suggestions(ana)?.prompts[0]?.message, 'help');
    const prompts = [{ title: 'One', message: 'one' }];
    const set = (own: object) =>
      refusal(slack.assistant.threads.setSuggestedPrompts({ channel_id: dm, prompts, ...own }));
    assert.equal(await set({ thread_ts: '1.2', prompts: [{ title: 'In a thread', message: 'x' }] }), 'ok');
    assert.equal(workspace.suggestions(ana)?.prompts[0]?.title, 'What can you do?');
    assert.equal(await set({ title: 'Hello' }), 'ok');
    assert.deepEqual(workspace.suggestions(ana), { title: 'Hello', prompts });
    assert.equal(workspace.suggestions(ben)?.prompts.length, 4);
    assert.match(await set({ prompts: Array(5).fill(prompts[0]) }), /^invalid_arguments/);
    assert.equal(await set({ channel_id: workspace.channels.general }), 'channel_not_found');
  });

  it('has a session in each thread, with a stop button while the app works', async () => {
    const { ana } = workspace.people;
    const root = await workspace.as(ana).message('draft the notes');
    const place = { channel_id: dm, thread_ts: root.ts };
    const setStatus = (status: string, own: object = {}) =>
      refusal(slack.agents.sessions.setStatus({ ...place, status, ...own }));
    assert.match(await setStatus('is thinking…'), /^invalid_arguments .*enum/);
    assert.equal(await setStatus('processing', { thread_ts: '1.2' }), 'invalid_thread_ts');
    assert.deepEqual(await workspace.as(ana).stopSession(dm, root.ts), {
      ok: false,
      error: 'There is no stop button here.',
    });
    assert.equal(await setStatus('processing', { title: 'Notes', initiator_user_id: ana }), 'ok');
    await slack.assistant.threads.setStatus({ ...place, status: 'is researching…' });
    const working = { channel: dm, thread: root.ts, title: 'Notes', status: 'processing' };
    assert.deepEqual(workspace.session(root), { ...working, words: 'is researching…' });
    await slack.chat.postMessage({ channel: dm, thread_ts: root.ts, text: 'Here it is' });
    assert.deepEqual(workspace.session(root), working);
    await workspace.as(ana).stopSession(dm, root.ts);
    const { thread_ts, user, streaming_message_ts } = await next('agent_session_stopped');
    assert.deepEqual([thread_ts, user, streaming_message_ts], [root.ts, ana, []]);
    assert.equal(workspace.session(root)?.status, 'processing');
    assert.equal(await setStatus('suspended', { title: 'Another title' }), 'ok');
    assert.deepEqual(workspace.session(root), { ...working, status: 'suspended' });
    await slack.assistant.threads.setStatus({ ...place, status: '' });
    assert.equal(workspace.session(root)?.status, 'active');
  });

  it('has no sessions for an app that is no agent, and warns one that can’t be stopped', async () => {
    const plain = await startWorkspace({ manifest: manifest.replace('agent_view:', 'unknown_view:') });
    const unstoppable = await startWorkspace({ manifest: manifest.replace(/^ +- agent_session.*\n/m, '') });
    const setStatus = async (where: Workspace) => {
      const root = await where.as(where.people.ana).message('a goal');
      const place = { channel_id: root.channel, thread_ts: root.ts };
      return clientOf(where).agents.sessions.setStatus({ ...place, status: 'processing' });
    };
    try {
      assert.equal(await refusal(setStatus(plain)), 'not_authorized');
      assert.equal(
        (await setStatus(unstoppable)).warning,
        'missing_agent_session_stopped_event_subscription',
      );
    } finally {
      await plain.close();
      await unstoppable.close();
    }
  });
});
