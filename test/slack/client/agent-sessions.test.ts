import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startWorkspace, type Workspace } from '../../../sandbox/workspace/index.js';
import { inSession } from '../../../src/activities/in-session.js';
import type { AgentSessions } from '../../../src/activities/ports.js';
import type { AgentSession } from '../../../src/run/agent-session.js';
import { sessionOf } from '../../../src/run/agent-session.js';
import { createAgentSessions, withSessions } from '../../../src/slack/client/agent-sessions.js';
import { createMessenger } from '../../../src/slack/client/messenger.js';
import { createWebClient } from '../../../src/slack/client/web/web.js';
import { createDirectory } from '../../../src/slack/permissions/directory.js';
import { cardWith, progressCard, waiting } from '../../support/cards.js';
import { ana, decision } from '../../support/samples.js';

const WORKING = { status: 'processing', doing: 'is researching…' } as const;
const METHODS = ['agents.sessions.setStatus', 'assistant.threads.setStatus'];

describe('the status of the agent in a thread', () => {
  let workspace: Workspace;
  let sessions: AgentSessions;
  let session: AgentSession;
  let root: { channel: string; ts: string };
  const warnings: string[] = [];
  const client = () => createWebClient(workspace.credentials.botToken, { slackApiUrl: workspace.apiUrl });
  before(async () => {
    workspace = await startWorkspace({ rateLimits: false });
  });
  after(() => workspace.close());
  beforeEach(async () => {
    warnings.length = 0;
    workspace.requests.length = 0;
    const log = { warn: (text: string) => void warnings.push(text), debug: () => {} };
    sessions = createAgentSessions(client(), log as unknown as Parameters<typeof createAgentSessions>[1]);
    // Nobody is connected, so the event of the message finds no app.
    root = await workspace.as(workspace.people.ana).send(workspace.channels.general, 'draft the notes');
    const requester = { ...ana, user: workspace.people.ana };
    const input = { channel: root.channel, thread: root.ts, goal: 'Draft the notes', requester };
    session = sessionOf(input).session as AgentSession;
  });
  afterEach(() => workspace.faults.clear());
  const calls = () => workspace.requests.filter(({ method }) => METHODS.includes(method));
  const shown = () => {
    const { status, words } = workspace.session(root) ?? {};
    return [status, words];
  };
  const post = () => withSessions(createMessenger(client(), createDirectory(client())), sessions);

  it('says that it works, with words, until its card is posted; then that it waits, and at last nothing', async () => {
    await sessions.show(session, WORKING);
    assert.deepEqual(shown(), ['processing', 'is researching…']);
    assert.equal(workspace.session(root)?.title, 'Draft the notes');
    const place = { channel: root.channel, thread: root.ts };
    const ref = await post().postCard({ ...place, card: cardWith(waiting()) }, { key: 'card' });
    await workspace.waitFor(() => shown()[0] === 'suspended', { what: 'the status suspended' });
    assert.equal(shown()[1], undefined);
    const done = cardWith({ kind: 'rejected', decision: decision({ kind: 'reject' }) });
    await post().updateCard({ ref, card: done });
    await workspace.waitFor(() => shown()[0] === 'active', { what: 'the status active' });
  });

  it('sends no update that was given up before it was sent', async () => {
    const { channel } = root;
    const ref = await post().postCard({ channel, card: cardWith(waiting()) }, { key: 'given up' });
    const updates = () => workspace.requests.filter(({ method }) => method === 'chat.update').length;
    const before = updates();
    await assert.rejects(
      post().updateCard({ ref, card: cardWith(waiting()) }, AbortSignal.abort()),
      /abort/i,
    );
    assert.equal(updates(), before);
  });

  it('says that it waits when it asks in the thread, and not when it reports progress there', async () => {
    const thread = { channel: root.channel, ts: root.ts, thread: root.ts };
    await post().postInThread({ thread, message: progressCard() }, { key: 'progress' });
    await delay(50);
    assert.deepEqual(calls(), []);
  });

  it('is no matter of a run that was started by a command', async () => {
    assert.deepEqual(sessionOf({ channel: 'C1', goal: 'g', requester: ana }), {});
    const { channel } = root;
    const ref = await post().postCard({ channel, card: cardWith(waiting()) }, { key: 'plain' });
    await post().updateCard({ ref, card: cardWith({ kind: 'executing', votes: [] }) });
    const none: AgentSessions = { show: () => Promise.reject(new Error('shown')) };
    assert.equal(await inSession(none, undefined, 'is researching…', async () => 'done'), 'done');
    await delay(50);
    assert.deepEqual(calls(), []);
  });

  it('ends with work that failed or was cancelled', async () => {
    const work = inSession(sessions, session, 'is researching…', async () => {
      await workspace.waitFor(() => shown()[1], { what: 'the words' });
      throw new Error('overloaded');
    });
    await assert.rejects(work, /overloaded/);
    await workspace.waitFor(() => shown()[0] === 'active', { what: 'the status active' });
    await workspace.waitFor(() => shown()[1] === undefined, { what: 'no words' });
  });

  it('shows its words again when the app’s answer to the goal has taken them away', async () => {
    await inSession(sessions, session, 'is researching…', async () => {
      await workspace.waitFor(() => shown()[1], { what: 'the words' });
      await client().chat.postMessage({ channel: root.channel, thread_ts: root.ts, text: 'It has started' });
      assert.deepEqual(shown(), ['processing', undefined]);
      await workspace.waitFor(() => shown()[1], { what: 'the words again' });
    });
    const [method = ''] = METHODS;
    assert.equal(calls().filter((call) => call.method === method).length, 1);
  });

  it('comes in order, and is not repeated within a minute', async () => {
    workspace.faults.inject({ kind: 'slow', delayMs: 300, method: 'agents.sessions.setStatus' });
    const first = sessions.show(session, WORKING);
    const again = sessions.show(session, WORKING);
    const last = sessions.show(session, { status: 'suspended' });
    await Promise.all([first, again, last]);
    assert.deepEqual(
      calls().map(({ args }) => args.status),
      ['processing', 'is researching…', 'suspended'],
    );
    assert.equal(shown()[0], 'suspended');
  });

  it('keeps no work waiting for longer than two seconds, and fails none', async () => {
    for (const method of METHODS) {
      workspace.faults.inject({ kind: 'slow', delayMs: 4_000, method });
    }
    const began = Date.now();
    assert.equal(await inSession(sessions, session, 'is researching…', async () => 'done'), 'done');
    const tookMs = Date.now() - began;
    assert.ok(tookMs < 3_000, `${tookMs} ms`);
    workspace.faults.clear();
    for (const kind of ['error-500', 'ratelimited', 'drop'] as const) {
      for (const method of METHODS) workspace.faults.inject({ kind, method });
      await sessions.show({ ...session, thread: '1.2' }, { status: 'processing', doing: kind });
    }
    assert.deepEqual(warnings, []);
  });

  it('is left out, and named once in the log, where the app is no agent; the words come all the same', async () => {
    const [method = ''] = METHODS;
    workspace.faults.inject({ kind: 'refuse', error: 'not_authorized', method, times: 10 });
    await sessions.show(session, WORKING);
    await sessions.show(session, { status: 'suspended' });
    await sessions.show(session, { status: 'active' });
    assert.equal(calls().filter((call) => call.method === method).length, 1);
    assert.deepEqual(shown()[1], 'is researching…');
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /refused agents.sessions.setStatus: not_authorized.*manifest.yml/);
  });
});
