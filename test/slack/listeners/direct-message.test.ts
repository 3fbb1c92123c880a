import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type Message, startWorkspace, type Workspace } from '../../../sandbox/workspace/index.js';
import type { Person } from '../../../src/approval/person.js';
import { DEFAULT_POLICY } from '../../../src/approval/policy.js';
import type { Ledger } from '../../../src/ledger/index.js';
import { boltLogger, createLog } from '../../../src/platform/log.js';
import { checkpoint } from '../../../src/run/event.js';
import type { RunInput } from '../../../src/run/input.js';
import type { ListenerContext } from '../../../src/slack/listeners/context.js';
import { identify } from '../../../src/slack/permissions/identity.js';
import { createApp, type SlackApp } from '../../../src/slack/receiver/app.js';
import { ledgerForTests } from '../../support/ledger/ledger-for-tests.js';
import { PERMISSIVE } from '../../support/slack/listener-context.js';
import { assertVerbatim } from '../../support/slack/verbatim.js';

describe('a direct message to the app', () => {
  let ledger: Ledger;
  ledgerForTests((opened) => {
    ledger = opened;
  });
  let workspace: Workspace;
  let app: SlackApp;
  let own: Partial<ListenerContext>;
  let temporal: { isAway?: boolean };
  const started: RunInput[] = [];
  const cancelled: { shortId: string; by: Person }[] = [];

  before(async () => {
    workspace = await startWorkspace({
      manifest: readFileSync('manifest.yml', 'utf8'),
      eventRetries: { pausesMs: [0, 50] },
    });
    const { botToken, appToken } = workspace.credentials;
    const access = { botToken, apiUrl: workspace.apiUrl };
    const identity = await identify(access);
    const log = createLog('silent');
    const unlessAway = <T>(answer: T): T => {
      if (temporal.isAway) throw new Error('Temporal did not answer in time');
      return answer;
    };
    const context = {
      runs: {
        start: async (input: RunInput) => unlessAway(`execution-${started.push(input)}`),
        describe: async (shortId: string) =>
          started.some((input) => input.shortId === shortId) && {
            shortId,
            memo: {
              goal: 'old',
              requester: { team: workspace.team.id, user: workspace.people.ana },
              channel: 'D',
              approvers: [],
            },
            status: 'RUNNING',
            startedAt: new Date(0),
          },
        snapshot: async () => undefined,
        cancel: async (shortId: string, _: unknown, { by }: { by: Person }) =>
          unlessAway(cancelled.push({ shortId, by }) > 0 && 'cancelling'),
      },
      refusals: { started() {}, refused() {} },
      ...PERMISSIVE,
      ledger,
      home: { team: workspace.team.id },
      homeOpened: async () => {},
      channelChanged() {},
      log,
    };
    const listening = new Proxy(context, { get: (all, key) => Reflect.get({ ...all, ...own }, key) });
    app = createApp(
      { ...access, mode: { kind: 'socket', appToken }, identity, logger: boltLogger(log), onFatal() {} },
      listening as unknown as ListenerContext,
    );
    await app.start();
  });
  after(async () => {
    await app.stop();
    await workspace.close();
    assertVerbatim(workspace);
  });
  beforeEach(() => {
    own = {};
    temporal = {};
    started.length = 0;
    cancelled.length = 0;
  });
  afterEach(() => workspace.faults.clear());

  /** Writes to the app as Ana; resolves with the answer, which stands in the message's thread. */
  async function answered(text: string, threadTs?: string): Promise<{ message: Message; answer: Message }> {
    const { ana } = workspace.people;
    const message = await workspace.as(ana).message(text, threadTs ? { threadTs } : {});
    const isAnswer = ({ ts, user }: Message) => user === workspace.botUser && ts > message.ts;
    const answer = await workspace.waitFor(
      () => workspace.thread(message.channel, threadTs ?? message.ts).find(isAnswer),
      { what: 'the answer' },
    );
    return { message, answer };
  }

  it('with a goal starts a run, whose card belongs into the thread of the message', async () => {
    const { message, answer } = await answered('draft the notes & ask @ben');
    const { ana } = workspace.people;
    const [input] = started;
    assert.deepEqual(
      [input?.goal, input?.channel, input?.thread, input?.requester.user],
      ['draft the notes & ask @ben', message.channel, message.ts, ana],
    );
    assert.match(answer.text, new RegExp(`Run \`${input?.shortId}\` has started`));
    assert.match(answer.text, /in this thread/);
    assert.equal(answer.onlyFor, undefined, 'it is still there after a reload');
    assert.equal(started.length, 1);
  });

  it('with a word of ours is answered as /agent answers it', async () => {
    for (const [text, says] of [
      ['help', /Give me a goal\. I research it/],
      ['list', /No runs yet/],
      ['status abcd2345', /I can't find a run `abcd2345`/],
      ['cancel', /Which run\?/],
      ['schedules', /./],
      [`<@${workspace.botUser}> help`, /Give me a goal\. I research it/],
    ] as const) {
      const { answer } = await answered(text);
      assert.match(answer.text, says, text);
    }
    assert.deepEqual(started, []);
  });

  it('that Slack brings twice starts one run and gets one answer', async () => {
    const { ana } = workspace.people;
    const message = await workspace.as(ana).message('draft the notes', { redeliver: 2 });
    await delay(100);
    assert.equal(new Set(started.map(({ shortId }) => shortId)).size, 1);
    assert.equal(workspace.thread(message.channel, message.ts).length, 1);
  });

  it('goes where plans go, and says where, under an approval channel', async () => {
    own = { approvalChannel: workspace.channels.approvals };
    const { answer } = await answered('draft the notes');
    assert.deepEqual([started[0]?.channel, started[0]?.thread], [workspace.channels.approvals, undefined]);
    assert.match(answer.text, new RegExp(`post a plan in <#${workspace.channels.approvals}>`));
  });

  it('starts nothing where the policy takes goals in its channels only, and says in which', async () => {
    const channels = { [workspace.channels.approvals]: {} };
    own = { policies: { default: DEFAULT_POLICY, channels, channelsOnly: true } };
    const { answer } = await answered('draft the notes');
    assert.match(answer.text, new RegExp(`<#${workspace.channels.approvals}>`));
    assert.deepEqual(started, []);
  });

  it('is told that it could not be confirmed while Temporal is away', async () => {
    temporal.isAway = true;
    const { answer } = await answered('draft the notes');
    assert.match(answer.text, /couldn't confirm/);
  });

  it('in the thread of a run that is not over starts nothing, and says how the run stands', async () => {
    const { message } = await answered('draft the notes');
    const [input] = started;
    const { requester, channel, goal } = input as RunInput;
    const data = { goal, requester, channel, policy: DEFAULT_POLICY, thread: message.ts };
    const { shortId = '' } = input ?? {};
    await ledger.append([checkpoint({ kind: 'started', data }, { shortId, key: 'started' })]);
    const { answer } = await answered('and in German', message.ts);
    assert.match(answer.text, /isn't over yet/);
    await ledger.append([
      checkpoint({ kind: 'ended', data: { state: 'expired' } }, { shortId, key: 'ended' }),
    ]);
    await answered('now in German', message.ts);
    assert.deepEqual(
      started.map(({ goal, followUp }) => [goal, followUp?.shortId]),
      [
        ['draft the notes', undefined],
        ['now in German', shortId],
      ],
    );
  });

  it('under a notice starts nothing, and says where to write', async () => {
    const { ana } = workspace.people;
    const posted = await fetch(`${workspace.apiUrl}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${workspace.credentials.botToken}` },
      body: new URLSearchParams({
        channel: ana,
        text: 'A plan waits for you',
        blocks: '[{"type":"divider"}]',
      }),
    });
    const { ts } = (await posted.json()) as { ts: string };
    const { answer } = await answered('approve it please', ts);
    assert.match(answer.text, /outside this thread/);
    assert.deepEqual(started, []);
  });

  it('is read once as it was written: edits, deletions and the app’s own messages start nothing', async () => {
    const { ana } = workspace.people;
    const { message, answer } = await answered('draft the notes');
    const before = workspace.deliveries.length;
    await workspace.as(ana).edit(message, 'draft other notes');
    await workspace.as(ana).delete(message);
    await workspace.waitFor(() => workspace.deliveries.length >= before + 2, { what: 'the events' });
    assert.equal(started.length, 1);
    assert.deepEqual(workspace.thread(message.channel, message.ts), [answer]);
  });

  it('finds prompts at the top, which the app sets when somebody opens it', async () => {
    const { ana } = workspace.people;
    await workspace.as(ana).openMessages();
    const { title, prompts = [] } = await workspace.waitFor(
      () => {
        const suggestions = workspace.suggestions(ana);
        return suggestions?.title ? suggestions : undefined;
      },
      { what: 'the prompts' },
    );
    assert.match(title ?? '', /goal/);
    assert.equal(prompts.length, 4);
    workspace.faults.inject({
      kind: 'refuse',
      error: 'missing_scope',
      method: 'assistant.threads.setSuggestedPrompts',
    });
    await workspace.as(ana).openMessages();
    await answered('help');
  });

  it('has Slack’s stop button while the app works, which stops the run of the thread', async () => {
    const { message } = await answered('draft the notes');
    const [{ shortId = '', goal = '', requester, channel = '' } = {} as Partial<RunInput>] = started;
    const data = {
      goal,
      requester: requester as Person,
      channel,
      policy: DEFAULT_POLICY,
      thread: message.ts,
    };
    await ledger.append([checkpoint({ kind: 'started', data }, { shortId, key: 'started' })]);
    const work = async (thread: string) => {
      await fetch(`${workspace.apiUrl}agents.sessions.setStatus`, {
        method: 'POST',
        headers: { authorization: `Bearer ${workspace.credentials.botToken}` },
        body: new URLSearchParams({ channel_id: channel, thread_ts: thread, status: 'processing' }),
      });
      assert.deepEqual(await workspace.as(workspace.people.ana).stopSession(channel, thread), { ok: true });
    };
    await work(message.ts);
    assert.deepEqual(cancelled, [{ shortId, by: requester }]);
    const told = await workspace.waitFor(
      () => workspace.privateWords(workspace.people.ana).find(({ text }) => /I'm stopping run/.test(text)),
      { what: 'the word' },
    );
    assert.equal(told.threadTs, message.ts);
    // Without a run there, the button goes, and the person is told.
    const { message: other } = await answered('help');
    await work(other.ts);
    await workspace.waitFor(() => workspace.session(other)?.status === 'active', {
      what: 'the status active',
    });
    await workspace.waitFor(
      () => workspace.privateWords(workspace.people.ana).find(({ text }) => /^Which run\?/.test(text)),
      { what: 'the question' },
    );
    assert.equal(cancelled.length, 1);
  });
});
