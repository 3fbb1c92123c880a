import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Message, Workspace } from '../../../sandbox/workspace/index.js';
import { CHANNELS } from '../../../sandbox/workspace/seed.js';
import type { Decision, SentDecision } from '../../../src/approval/decision.js';
import { type ApprovalPolicy, DEFAULT_POLICY, type PolicyBook } from '../../../src/approval/policy.js';
import { type Ledger, openLedger } from '../../../src/ledger/index.js';
import { createLog } from '../../../src/platform/log.js';
import type { CardState } from '../../../src/run/card.js';
import { checkpoint, type RunEvent, startedEvent } from '../../../src/run/event.js';
import type { ToolCall, ToolSpec } from '../../../src/run/execution/tools.js';
import type { RunInput } from '../../../src/run/input.js';
import type { MessageRef, ThreadMessage } from '../../../src/run/message.js';
import type { RunEnd, RunSnapshot } from '../../../src/run/state.js';
import { createMessenger } from '../../../src/slack/client/messenger.js';
import { createWebClient } from '../../../src/slack/client/web/web.js';
import type { ListenerContext } from '../../../src/slack/listeners/context.js';
import { argumentsText } from '../../../src/slack/messages/request/call-fields.js';
import { createDirectory } from '../../../src/slack/permissions/directory.js';
import type { SlackApp } from '../../../src/slack/receiver/app.js';
import { shortIdOf } from '../../../src/temporal/ids.js';
import type { Runs } from '../../../src/temporal/runs.js';
import { createRefusals, type RefusedRequest } from '../../../src/use-cases/record-refusals.js';
import { cardWith, waiting } from '../../support/cards.js';
import { planItem, questionMessage, toolCall, toolMessage } from '../../support/requests.js';
import { decision, plan, policyWith, runInput } from '../../support/samples.js';
import { startHttpWorkspace } from '../../support/slack/http-app.js';
import { NO_TOOLS } from '../../support/slack/listener-context.js';
import { answerTo } from '../../support/slack/people.js';
import { assertVerbatim } from '../../support/slack/verbatim.js';

/** Temporal, as the listeners see it: it takes what it is told, or is away, or knows no such run any more. */
const temporal = {
  mode: 'there' as 'there' | 'away' | 'over' | 'unknown',
  decided: [] as SentDecision[],
  cancelled: [] as string[],
  /** The policy that a worker answers with; undefined when none answers. */
  policy: undefined as ApprovalPolicy | undefined,
  /** Those whom the policy named at first, and may escalate to. */
  approvers: [] as string[],
  refused: [] as string[],
  late: [] as string[],
  started: [] as RunInput[],
};

async function take(note: () => void): Promise<boolean> {
  if (temporal.mode === 'away') throw new Error('Temporal did not answer in time');
  if (temporal.mode === 'there') note();
  return temporal.mode === 'there';
}

const policies: PolicyBook = { default: DEFAULT_POLICY, channels: {} };

let workspace: Workspace;
/** The tool that the service knows. */
let tool: ToolSpec | undefined;
let messenger: ReturnType<typeof createMessenger>;
let app: SlackApp;
let card: MessageRef;
let ledger: Ledger;
const folder = mkdtempSync(join(tmpdir(), 'clicks-'));
before(async () => {
  const http = await startHttpWorkspace();
  workspace = http.workspace;
  const client = createWebClient(workspace.credentials.botToken, { slackApiUrl: workspace.apiUrl });
  const directory = createDirectory(client);
  messenger = createMessenger(client, directory);
  const log = createLog('silent');
  const requester = { team: workspace.team.id, user: workspace.people.ana };
  const { general } = workspace.channels;
  ledger = await openLedger(`file:${join(folder, 'ledger.db')}`);
  const memo = { goal: 'the goal', requester, channel: general, approvers: [] as string[] };
  const summaryOf = (shortId: string) => ({
    shortId,
    memo: { ...memo, approvers: temporal.approvers },
    status: 'RUNNING',
    startedAt: new Date(),
    executionId: 'execution-1',
  });
  const runs: Partial<Runs> = {
    decide: (_run, decided) => take(() => temporal.decided.push(decided)),
    async cancel(run, mayCancel, { by }) {
      if (temporal.mode === 'unknown') return 'unknown-run';
      if (!(await mayCancel(summaryOf(run)))) return 'not-allowed';
      const isTaken = await take(() => temporal.cancelled.push(`${run} by ${by.user}`));
      return isTaken ? 'cancelling' : 'over';
    },
    retry: async () => 'not-allowed',
    start: async (input) => void temporal.started.push(input),
    describe: async (shortId) => (temporal.mode === 'unknown' ? undefined : summaryOf(shortId)),
    snapshot: async () =>
      temporal.policy && ({ requester, policy: temporal.policy, state: 'executing' } as RunSnapshot),
  };
  const context = {
    runs,
    directory,
    ledger,
    refusals: {
      ...createRefusals(ledger),
      late: (run: string, { kind }: Decision) => temporal.late.push(`${run} ${kind}`),
      refused: (run: string, { by, reason, once }: RefusedRequest) =>
        temporal.refused.push([run, by.user, reason, once].join(' ')),
    },
    log,
    home: { team: workspace.team.id },
    policies,
    policyFor: () => DEFAULT_POLICY,
    shortIdOf,
    tools: {
      ...NO_TOOLS,
      findInputProblem: async (_: object, { path }: Record<string, unknown>) =>
        path === '/' ? 'path is no file' : undefined,
      schemaOf: async () => tool?.inputSchema,
    },
    toolProblems: () => [{ server: 'github', reason: 'it ended with code 1' }],
  } as unknown as ListenerContext;
  app = await http.startApp(context, log);
  const executing = cardWith({ kind: 'executing', votes: [decision()] });
  card = await messenger.postCard({ channel: general, card: executing }, { key: 'card' });
  const started = {
    goal: 'the goal',
    requester,
    channel: workspace.channels.private,
    policy: DEFAULT_POLICY,
  };
  await write({ kind: 'started', data: started }, ...posted(card));
});
after(async () => {
  await app.stop();
  await workspace.close();
  assertVerbatim(workspace);
  await ledger.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  const { ben } = workspace.people;
  Object.assign(temporal, { mode: 'there', decided: [], cancelled: [], refused: [], late: [] });
  Object.assign(temporal, { policy: policyWith({ approvers: [ben] }), approvers: [ben] });
});

/** A run's messages: its card, then a copy, then a tool call in its thread. */
function posted(message: MessageRef): RunEvent<'posted'>[] {
  const elsewhere = { channel: 'D1', ts: '1.0' };
  return [
    { kind: 'posted', data: { message } },
    { kind: 'posted', data: { message: elsewhere, copy: true } },
    { kind: 'posted', data: { message: elsewhere, request: 'request-7', item: '1' } },
  ];
}

async function write(...events: RunEvent[]): Promise<void> {
  await ledger.append(
    events.map((event, index) => checkpoint(event, { shortId: 'abcd2345', key: `${index}` })),
  );
}

let keys = 0;
function post(message: ThreadMessage): Promise<MessageRef> {
  keys += 1;
  return messenger.postInThread({ thread: card, message }, { key: `message/${keys}` });
}

const ben = () => workspace.as(workspace.people.ben);
const lastWord = (user: string) => workspace.ephemerals(user).at(-1)?.text ?? '';

/** Text of the next private message to a person. */
const told = async (user: string, work: () => Promise<unknown>) =>
  (await answerTo(workspace, user, work)).text;

describe('many clicks of one person', () => {
  /** A tool call of a run that only Ben may decide about, with its message. */
  async function askBen(shortId: string) {
    const asked = toolMessage();
    const policy = policyWith({ approvers: [workspace.people.ben], requesterMayApprove: false });
    const item = { ...asked.item, policy };
    const requester = { team: workspace.team.id, user: workspace.people.ana };
    const started = { goal: 'the goal', requester, channel: workspace.channels.general, policy };
    const { request: id, revision } = asked;
    await ledger.append(
      [
        { kind: 'started' as const, data: started },
        { kind: 'requested' as const, data: { id, revision, items: [item] } },
      ].map((event, index) => checkpoint(event, { shortId, key: `${index}` })),
    );
    return await post({ ...asked, shortId, item });
  }
  const often = async (times: number, work: () => Promise<unknown>) => {
    for (let time = 0; time < times; time += 1) await work();
  };

  it('whom the policy can’t let in never reach the run; the first few are answered and on record, then counted', async () => {
    const ref = await askBen('outs2345');
    const { chloe } = workspace.people;
    const before = workspace.ephemerals(chloe).length;
    await often(120, () => workspace.as(chloe).click(ref, 'Approve'));
    assert.deepEqual(temporal.decided, []);
    const answers = workspace.ephemerals(chloe).slice(before);
    assert.equal(answers.length, 5, 'the 1st, 2nd, 3rd, 10th and 100th');
    assert.match(answers[0]?.text ?? '', /you can't approve this. Who can: <@U02BEN>/);
    await ben().click(ref, 'Approve');
    assert.equal(temporal.decided.length, 1, 'an approver’s click does');
    const refused = await ledger.read('outs2345', 'refused');
    assert.deepEqual(
      refused.map(({ data }) => data.times),
      [undefined, undefined, undefined, 10, 100],
    );
  });

  it('who may decide are held up when they come faster than anybody clicks', async () => {
    const ref = await askBen('fast2345');
    await often(90, () => ben().click(ref, 'Approve'));
    assert.equal(temporal.decided.length, 60);
    assert.match(lastWord(workspace.people.ben), /Too many clicks/);
    await workspace.as(workspace.people.ana).click(ref, 'Reject');
    assert.equal(temporal.decided.at(-1)?.by.user, workspace.people.ana, 'nobody else is');
  });
});

describe('the forms of a tool call', () => {
  /** A tool call of a run that only Ben may decide about, with its message. */
  async function askBen(
    shortId: string,
    own: Partial<ToolCall> = {},
    channel: string = workspace.channels.general,
  ) {
    const policy = policyWith({ approvers: [workspace.people.ben], requesterMayApprove: false });
    const asked = toolMessage({ policy }, own);
    const requester = { team: workspace.team.id, user: workspace.people.ana };
    const started = { goal: 'the goal', requester, channel, policy };
    const { request: id, revision, item } = asked;
    await ledger.append(
      [
        { kind: 'started' as const, data: started },
        { kind: 'requested' as const, data: { id, revision, items: [item] } },
      ].map((event, index) => checkpoint(event, { shortId, key: `${index}` })),
    );
    return await post({ ...asked, shortId });
  }
  const opened = async (label: string, ref: MessageRef, user: string) => {
    await workspace.as(user).click(ref, label);
    return await workspace.waitFor(() => workspace.openViews(user)[0], { what: label });
  };

  it('show the exact input to whoever reads the message', async () => {
    const { chloe } = workspace.people;
    const ref = await askBen('exac2345');
    const view = await opened('Exact input', ref, chloe);
    const json = JSON.stringify(argumentsText(toolCall().input)).slice(1, -1);
    assert.ok(JSON.stringify(view.blocks).includes(json));
    await workspace.as(chloe).closeView(view.id);
    assert.deepEqual(temporal.decided, []);
  });

  it('show the exact input to nobody who may not see the run, and wait for no call that the request doesn’t have', async () => {
    const { dev, ben: user } = workspace.people;
    const ref = await askBen('priv2345', {}, workspace.channels.private);
    const word = await told(dev, () => workspace.as(dev).click(ref, 'Exact input'));
    assert.match(word, /Only the person who asked, the approvers and the members/);
    assert.deepEqual(workspace.openViews(dev), []);
    await askBen('away2345');
    const other = await post({ ...toolMessage({ digest: 'e'.repeat(64) }), shortId: 'away2345' });
    const began = performance.now();
    assert.match(await told(user, () => ben().click(other, 'Exact input')), /couldn't read this action/);
    assert.ok(performance.now() - began < 1_400, 'the request is on record without it');
  });

  it('are held up when they come faster than anybody clicks', async () => {
    const { ben: user } = workspace.people;
    const ref = await askBen('many2345');
    for (let times = 0; times < 61; times += 1) await ben().click(ref, 'Approve');
    for (const label of ['Edit', 'Exact input'])
      assert.match(await told(user, () => ben().click(ref, label)), /Too many clicks/);
  });

  it('take an edit of an approver, and keep the texts where it can’t be taken', async () => {
    const { ben: user } = workspace.people;
    const ref = await askBen('edit2345');
    const form = await opened('Edit', ref, user);
    const submit = (json: string) => ben().submit(form.id, { arguments: json });
    const path = (to: string) => JSON.stringify({ path: to, content: '# Notes' });
    for (const [json, problem] of [
      ['{', /not valid JSON/],
      [path('notes.md'), /You changed nothing/],
      [path('/'), /can't save this: path is no file/],
    ] as const)
      assert.match(JSON.stringify(await submit(json)), problem);
    const inputSchema = { type: 'object', properties: { path: { type: 'string' } } };
    tool = { name: toolCall().name, description: '', inputSchema, readOnly: false };
    assert.match(JSON.stringify(await submit(path('other.md'))), /The form has changed\. Close it/);
    tool = undefined;
    assert.deepEqual(temporal.decided, []);
    assert.deepEqual(await submit(path('other.md')), { ok: true });
    const { kind, input, items, by, clickedOn } = temporal.decided[0] ?? ({} as Partial<SentDecision>);
    assert.deepEqual([kind, by?.user, clickedOn], ['edit', user, ref.ts]);
    assert.deepEqual(input, { path: 'other.md', content: '# Notes' });
    assert.deepEqual(items, [{ id: '1', digest: toolCall().digest }]);
  });

  it('let an approver of one of several actions approve all: the run says which count', async () => {
    const { ben: user, chloe } = workspace.people;
    const own = (id: string, who: string) => ({ id, policy: policyWith({ approvers: [who] }) });
    const items = [toolMessage(own('1', chloe)).item, toolMessage(own('2', user)).item];
    const asked = toolMessage();
    const requester = { team: workspace.team.id, user: workspace.people.ana };
    const { policy } = toolMessage(own('1', chloe)).item;
    const started = { goal: 'the goal', requester, channel: workspace.channels.general, policy };
    await ledger.append(
      [
        { kind: 'started' as const, data: started },
        { kind: 'requested' as const, data: { id: asked.request, revision: 1, items } },
      ].map((event, index) => checkpoint(event, { shortId: 'both2345', key: `${index}` })),
    );
    const ref = await post({ ...asked, shortId: 'both2345', items });
    const values = { 'note 2': { note_text: { type: 'plain_text_input', value: 'both are fine' } } };
    assert.deepEqual(await ben().click(ref, 'Approve all 2', { values }), { ok: true });
    assert.equal(temporal.decided[0]?.note, 'both are fine');
    assert.deepEqual(
      temporal.decided[0]?.items.map(({ id }) => id),
      ['1', '2'],
    );
  });

  it('warn an approver who is the only one that their edit can’t be taken', async () => {
    const form = await opened('Edit', await askBen('only2345'), workspace.people.ben);
    assert.match(JSON.stringify(form.blocks), /If you edit this, you can't approve it/);
    await ben().closeView(form.id);
  });

  it('give no form to a person who may not decide: they are told before it opens', async () => {
    const { chloe } = workspace.people;
    const ref = await askBen('outf2345');
    const word = await told(chloe, () => workspace.as(chloe).click(ref, 'Edit'));
    assert.match(word, /you can't edit this\. Who can: <@U02BEN>/);
    assert.deepEqual(workspace.openViews(chloe), []);
  });

  it('say so where the values are too long for a form, or can’t be read', async () => {
    const { ben: user } = workspace.people;
    const long = await askBen('long2345', { input: { text: 'x'.repeat(4_000) } });
    assert.match(await told(user, () => ben().click(long, 'Edit')), /too long for Slack's form\. Reject it/);
    const unknown = await post({ ...toolMessage(), shortId: 'unkn2345' });
    for (const label of ['Edit', 'Exact input'])
      assert.match(await told(user, () => ben().click(unknown, label)), /couldn't read this action/);
  });
});

describe('a click on a tool call', () => {
  const typed = (text: string) => ({ note: { note_text: { type: 'plain_text_input', value: text } } });
  for (const [label, expected] of [
    ['Approve', { kind: 'approve' }],
    ['Reject', { kind: 'reject' }],
    ['Always allow write_file of filesystem in this run', { kind: 'approve', everyCall: true }],
  ] as const) {
    it(`on ${label} is a decision on exactly that call, with the note, before it is acknowledged`, async () => {
      const asked = toolMessage();
      const ref = await post(asked);
      assert.deepEqual(await ben().click(ref, label, { values: typed('mind the dates') }), { ok: true });
      const [decided, ...more] = temporal.decided;
      assert.deepEqual(more, []);
      const { at, slackAt, isKnown: _, ...rest } = decided as SentDecision;
      assert.ok(Date.parse(at) > 0 && slackAt);
      assert.deepEqual(rest, {
        ...expected,
        request: asked.request,
        revision: asked.revision,
        items: [{ id: asked.item.id, digest: asked.item.digest }],
        by: { team: workspace.team.id, user: workspace.people.ben },
        clickedOn: ref.ts,
        note: 'mind the dates',
      });
    });
  }

  it('opens no form on Reject, and needs no reason', async () => {
    await ben().click(await post(toolMessage()), 'Reject');
    assert.equal(temporal.decided[0]?.note, '');
    assert.deepEqual(workspace.openViews(workspace.people.ben), []);
  });

  it('that can’t be confirmed is told so, and the buttons stay', async () => {
    temporal.mode = 'away';
    const ref = await post(toolMessage());
    const word = await told(workspace.people.ben, () => ben().click(ref, 'Approve'));
    assert.match(word, /couldn't confirm your click.*Click again: that's safe/);
    temporal.mode = 'there';
    assert.deepEqual(await ben().click(ref, 'Approve'), { ok: true });
    assert.equal(temporal.decided.length, 1);
  });

  it('on a run that is over is told so, with a link to the run’s card', async () => {
    temporal.mode = 'over';
    const ref = await post(toolMessage());
    const word = await told(workspace.people.ben, () => ben().click(ref, 'Reject'));
    const address = `archives/${card.channel}/p${card.ts.replace('.', '')}`;
    assert.match(word, new RegExp(`This run is over\\. .* <http[^|]*${address}\\|Open the card>`));
    assert.deepEqual(temporal.late, ['abcd2345 reject'], 'it goes on record');
  });
});

describe('an answer to a click', () => {
  it('in a thread is in that thread, and under the card in the channel', async () => {
    temporal.mode = 'over';
    const { ben: user } = workspace.people;
    const ref = await post(toolMessage());
    assert.equal((await answerTo(workspace, user, () => ben().click(ref, 'Approve'))).threadTs, card.ts);
    assert.equal((await answerTo(workspace, user, () => ben().click(card, 'Stop'))).threadTs, undefined);
  });

  it('that Slack can’t show in the thread is a direct message', async () => {
    temporal.mode = 'over';
    const { ben: user } = workspace.people;
    const ref = await post(toolMessage());
    workspace.faults.inject({ kind: 'refuse', method: 'chat.postEphemeral', error: 'user_not_in_channel' });
    const before = workspace.ephemerals(user).length;
    assert.deepEqual(await ben().click(ref, 'Approve'), { ok: true });
    assert.equal(workspace.ephemerals(user).length, before);
    assert.match(workspace.privateWords(user).at(-1)?.text ?? '', /This run is over/);
  });
});

describe('a text that may be a goal', () => {
  const { general, incidents } = CHANNELS;
  const ask = async (text: string) => {
    const { ana } = workspace.people;
    return await answerTo(workspace, ana, () => workspace.as(ana).command(general, '/agent', text));
  };
  const startsOf = (goal: string) => temporal.started.filter((run) => run.goal === goal);

  it('of one word is asked about, and started once by a click', async () => {
    const { ana } = workspace.people;
    const question = await ask('deploy');
    assert.equal(question.text, 'Start a run for “deploy”?');
    assert.deepEqual(startsOf('deploy'), []);
    assert.deepEqual(await workspace.as(ana).click(question, 'Start a run', { redeliver: 1 }), { ok: true });
    await workspace.waitFor(() => /has started/.test(ephemeral(question)), { what: 'the answer' });
    assert.equal(new Set(startsOf('deploy').map(({ shortId }) => shortId)).size, 1);
    assert.equal(startsOf('deploy')[0]?.channel, general);
    assert.equal(
      (await workspace.as(ana).click(question, 'Start a run')).ok,
      false,
      'it has no button any more',
    );
  });

  it('in a mention starts a run whose plan comes in the mention’s thread', async () => {
    const { ana } = workspace.people;
    const asked = await workspace.as(ana).mention(general, 'refactor');
    const question = workspace.ephemerals(ana).at(-1) as Message;
    assert.equal(question.text, 'Start a run for “refactor”?');
    await workspace.as(ana).click(question, 'Start a run');
    await workspace.waitFor(() => startsOf('refactor')[0], { what: 'the start' });
    assert.equal(startsOf('refactor')[0]?.thread, asked.ts);
    assert.equal(startsOf('refactor')[0]?.channel, general);
  });

  it('in a thread has that thread read, as any mention there', async () => {
    const { ana, ben } = workspace.people;
    const root = await workspace.as(ben).send(general, 'We ship on Friday');
    const asked = await workspace.as(ana).mention(general, 'summarize', { threadTs: root.ts });
    const question = workspace.ephemerals(ana).at(-1) as Message;
    await workspace.as(ana).click(question, 'Start a run');
    const run = await workspace.waitFor(() => startsOf('summarize')[0], { what: 'the start' });
    assert.deepEqual(run.mention, { channel: general, ts: asked.ts, thread: root.ts });
  });

  it('is started by nobody else, and nowhere else', async () => {
    const { ana, dev } = workspace.people;
    const question = await ask('migrate');
    const value = (own: object) => {
      const [start] = (question.blocks?.at(-1)?.elements ?? []) as { value: string }[];
      const copy = structuredClone(question);
      const [button] = (copy.blocks?.at(-1)?.elements ?? []) as { value: string }[];
      if (start && button) button.value = JSON.stringify({ ...JSON.parse(start.value), ...own });
      return copy;
    };
    for (const [user, own, text] of [
      [dev, {}, /only the person I asked/],
      [ana, { channel: incidents }, /Give me the goal again/],
    ] as const) {
      const clicking = () => workspace.as(user).click(question, 'Start a run', { stale: value(own) });
      assert.match(await told(user, clicking), text);
    }
    assert.deepEqual(startsOf('migrate'), []);
  });

  it('is checked as any start when it is started', async () => {
    const { ana } = workspace.people;
    const question = await ask('prune');
    policies.requesters = [workspace.people.ben];
    const word = await told(ana, () => workspace.as(ana).click(question, 'Start a run'));
    delete policies.requesters;
    assert.match(word, /you can't start runs here/);
    assert.deepEqual(startsOf('prune'), []);
  });

  it('starts nothing after No', async () => {
    const question = await ask('wipe');
    await workspace.as(workspace.people.ana).click(question, 'No');
    await workspace.waitFor(() => ephemeral(question) === 'I started nothing.', { what: 'the answer' });
  });

  it('after a command’s word is told that there is no such run, and can be started', async () => {
    const { ana } = workspace.people;
    temporal.mode = 'unknown';
    for (const goal of ['cancel subscriptions', 'status of the 2 migrations']) {
      const question = await ask(goal);
      assert.match(JSON.stringify(question.blocks), /I can't find a run `.*` that you can see/);
      await workspace.as(ana).click(question, 'Start a run');
      await workspace.waitFor(() => startsOf(goal)[0], { what: goal });
    }
    const { text, blocks } = await ask('cancel abcd2346');
    assert.match(text, /I can't find a run/);
    assert.doesNotMatch(JSON.stringify(blocks), /Start a run/, 'a mistyped id is no goal');
  });

  function ephemeral({ ts }: Message): string {
    return workspace.ephemerals(workspace.people.ana).find((message) => message.ts === ts)?.text ?? '';
  }
});

describe('a form that changes a plan', () => {
  const EXPIRES = '2099-01-01T00:00:00.000Z';

  /** Posts a card that waits, and puts its request on record. */
  const postWaiting = async (own: Partial<ApprovalPolicy>): Promise<MessageRef> => {
    keys += 1;
    const { ben: asker, chloe } = workspace.people;
    const policy = policyWith({ approvers: [asker, chloe], requesterMayApprove: false, ...own });
    const item = planItem({ policy, expiresAt: EXPIRES });
    const request = `request-form-${keys}`;
    await ledger.append([
      checkpoint(
        { kind: 'requested', data: { id: request, revision: 1, items: [item] } },
        { shortId: 'abcd2345', key: request },
      ),
      checkpoint(
        { kind: 'planned', data: { plan, revision: 1, digest: item.digest } },
        { shortId: 'abcd2345', key: `${request}/planned` },
      ),
    ]);
    const state = waiting({ policy }, { request });
    const { general } = workspace.channels;
    return await messenger.postCard({ channel: general, card: cardWith(state) }, { key: request });
  };

  const form = async (user: string, ref: MessageRef, label: string, note?: string) => {
    await workspace.as(user).click(ref, label, note === undefined ? {} : { values: { note } });
    return await workspace.waitFor(() => workspace.openViews(user).at(-1), { what: `the form of ${label}` });
  };

  const warning = async (user: string, label: string, own: Partial<ApprovalPolicy>) => {
    const view = await form(user, await postWaiting(own), label);
    await workspace.as(user).closeView(view.id);
    return JSON.stringify(view.blocks[0]);
  };

  for (const label of ['Reject', 'Request changes', 'Edit plan', 'Extend']) {
    it(`is not opened by ${label} for a person who may not decide: they are told who can`, async () => {
      const { dev, chloe } = workspace.people;
      const ref = await postWaiting({});
      const words = await told(dev, () => workspace.as(dev).click(ref, label));
      assert.match(words, /you can't .*Who can: <@/);
      assert.deepEqual(workspace.openViews(dev), []);
      assert.deepEqual(temporal.decided, []);
      const view = await form(chloe, ref, label);
      await workspace.as(chloe).closeView(view.id);
    });
  }

  it('is not opened for the requester under four eyes, who may reject and ask for changes all the same', async () => {
    const { ana: requester } = workspace.people;
    const ref = await postWaiting({});
    for (const label of ['Edit plan', 'Extend']) {
      const words = await told(requester, () => workspace.as(requester).click(ref, label));
      assert.match(words, /you asked for this, so somebody else must/);
      assert.deepEqual(workspace.openViews(requester), []);
    }
    for (const label of ['Reject', 'Request changes']) {
      const view = await form(requester, ref, label);
      await workspace.as(requester).closeView(view.id);
    }
  });

  for (const [label, kind] of [
    ['Reject', 'reject'],
    ['Request changes', 'changes'],
  ] as const) {
    it(`takes a note that was typed on the card along into ${label}`, async () => {
      const { chloe } = workspace.people;
      const view = await form(chloe, await postWaiting({}), label, 'the dates are wrong');
      assert.deepEqual(await workspace.as(chloe).submit(view.id), { ok: true });
      const [{ kind: sent, note } = { kind: '', note: '' }] = temporal.decided;
      assert.deepEqual([sent, note], [kind, 'the dates are wrong']);
    });
  }

  it('asks on Extend for how long, says until when, and sends the moment', async () => {
    const { chloe } = workspace.people;
    const view = await form(chloe, await postWaiting({}), 'Extend');
    const seconds = Date.parse(EXPIRES) / 1_000;
    const words = JSON.stringify(view.blocks);
    assert.match(words, new RegExp(`until \\*<!date\\^${seconds}\\^`), 'as it is now');
    assert.match(words, new RegExp(`1 more day: until <!date\\^${seconds + 86_400}\\^`));
    await workspace.as(chloe).submit(view.id, { extension: '1 more day' });
    const [{ kind, until } = { kind: '' }] = temporal.decided;
    assert.deepEqual([kind, until], ['extend', '2099-01-02T00:00:00.000Z']);
  });

  it('is not opened for a revision that was superseded', async () => {
    const { chloe } = workspace.people;
    const ref = await postWaiting({});
    await ledger.append([
      checkpoint(
        {
          kind: 'requested',
          data: { id: 'request-later', revision: 2, items: [planItem({ expiresAt: EXPIRES })] },
        },
        { shortId: 'abcd2345', key: 'request-later' },
      ),
      checkpoint(
        {
          kind: 'decided',
          data: { request: `request-form-${keys}`, item: 'plan', outcome: { kind: 'withdrawn' } },
        },
        { shortId: 'abcd2345', key: 'request-form-withdrawn' },
      ),
    ]);
    const words = await told(chloe, () => workspace.as(chloe).click(ref, 'Reject'));
    assert.match(words, /it was on revision 1\. The plan is now revision 2/);
    assert.deepEqual(workspace.openViews(chloe), []);
  });

  for (const label of ['Request changes', 'Edit plan']) {
    it(`says on ${label}, before it is sent, that too few others could approve then`, async () => {
      const { ben: asker } = workspace.people;
      const ends = await warning(asker, label, { approvals: 2 });
      assert.match(ends, /needs 2 approvals, and only one other person can approve it/);
      assert.match(ends, /the run ends\. Ask somebody else/);
      const escalate = { afterMs: 1, to: [workspace.people.dev] };
      const asks = await warning(asker, label, { approvals: 2, escalate });
      assert.match(asks, /<@U04DEV> can approve, too/);
      assert.doesNotMatch(await warning(asker, label, { approvals: 1 }), /can approve it/);
      assert.doesNotMatch(await warning(asker, label, { requesterMayApprove: true }), /can approve it/);
    });
  }
});

describe('Start again', () => {
  const requester = () => ({ team: workspace.team.id, user: workspace.people.ana });
  /** A run that has ended, with its card in a channel that everybody is in. */
  async function endRun(shortId: string, own: Partial<RunInput> = {}, end: RunEnd = { state: 'expired' }) {
    const { general: channel } = workspace.channels;
    const asked = { goal: `goal ${shortId}`, requester: requester(), channel, policy: DEFAULT_POLICY };
    const events = [
      { kind: 'started' as const, data: startedEvent({ ...runInput(), ...asked, ...own, shortId }).data },
      { kind: 'ended' as const, data: end },
    ];
    await ledger.append(events.map((event, index) => checkpoint(event, { shortId, key: `${index}` })));
    const state: CardState = { kind: 'expired', at: '2026-11-24T10:00:00.000Z' };
    const shown = { ...cardWith(state), shortId };
    return await messenger.postCard({ channel, card: shown }, { key: shortId });
  }
  const again = (user: string, ref: MessageRef) =>
    told(user, () => workspace.as(user).click(ref, 'Start again'));
  const startedFor = (shortId: string) => temporal.started.filter(({ goal }) => goal === `goal ${shortId}`);

  it('starts a run for the same goal in the same channel, once for each person', async () => {
    await workspace.invite(workspace.channels.private);
    const ref = await endRun('again111', { channel: workspace.channels.private });
    const { ana, dev } = workspace.people;
    for (const _ of [1, 2]) assert.match(await again(ana, ref), /Run `\w+` has started.* in <#\w+>/s);
    const [run, same, ...more] = startedFor('again111');
    assert.equal(run?.channel, workspace.channels.private);
    assert.deepEqual([same?.shortId, more], [run?.shortId, []]);
    assert.match(await again(dev, ref), /can start this run again/);
    assert.equal(startedFor('again111').length, 2);
  });

  it('starts another one once the run that it started is over, from every card of them', async () => {
    const ref = await endRun('again222');
    const { ana } = workspace.people;
    await again(ana, ref);
    const [first] = startedFor('again222');
    assert.ok(first);
    const second = await endRun(first.shortId, { goal: first.goal });
    for (const card of [ref, second]) await again(ana, card);
    const ids = startedFor('again222').map(({ shortId }) => shortId);
    assert.notEqual(ids[1], first.shortId);
    assert.equal(ids[2], ids[1]);
  });

  it('takes along what the run was asked for with: its thread, the mention, the run before', async () => {
    const { general: channel } = workspace.channels;
    const { ts } = await workspace.as(workspace.people.ana).send(channel, 'Paint it blue');
    const mention = { channel, ts: `${ts}1`, thread: ts };
    const followUp = { shortId: 'earlier1', goal: 'g', title: 't', result: 'r' };
    const ref = await endRun('again333', { thread: ts, mention, followUp });
    assert.match(await again(workspace.people.ana, ref), /I continue from the result of run `earlier1`/);
    const [run] = startedFor('again333');
    assert.deepEqual([run?.thread, run?.mention, run?.followUp], [ts, mention, followUp]);
  });

  it('starts nothing for who isn’t in the channel any more, nor for who isn’t in that of the mention', async () => {
    const { private: leadership, general } = workspace.channels;
    const { dev } = workspace.people;
    const own = { requester: { team: workspace.team.id, user: dev } };
    const left = await endRun('again444', { ...own, channel: leadership });
    assert.match(await again(dev, left), /aren't in the channel of this run/);
    const mention = { channel: leadership, ts: '1.0' };
    const elsewhere = await endRun('again555', { ...own, channel: general, mention });
    assert.match(await again(dev, elsewhere), /aren't in the channel of this run/);
    assert.deepEqual([startedFor('again444'), startedFor('again555')], [[], []]);
  });

  it('starts a run of a direct message again for who asked there, in its thread', async () => {
    const { ana } = workspace.people;
    const ref = await endRun('again666', { channel: workspace.dm(ana), thread: '1.0' });
    assert.match(await again(ana, ref), /has started/);
    const [run] = startedFor('again666');
    assert.deepEqual([run?.channel, run?.thread], [workspace.dm(ana), '1.0']);
  });

  it('starts nothing in place of a run that is at work, was carried out, or was stopped by somebody', async () => {
    const { ana } = workspace.people;
    const by = requester();
    const stopped = await endRun('again777', {}, { state: 'cancelled', by });
    const done = await endRun('again888', {}, { state: 'completed', result: 'r', decision: decision() });
    const atWork = await endRun('again999');
    const restart = { goal: 'goal again999', requester: by, channel: workspace.channels.general };
    await ledger.append([
      checkpoint(
        { kind: 'started', data: { ...restart, policy: DEFAULT_POLICY } },
        { shortId: 'again999', key: 'retry' },
      ),
    ]);
    for (const ref of [stopped, done, atWork])
      assert.match(await again(ana, ref), /can't start this run again/);
    assert.deepEqual(['again777', 'again888', 'again999'].flatMap(startedFor), []);
  });
});

describe('an answer to a question', () => {
  const written = (text: string) => ({ answer: { answer_text: { type: 'plain_text_input', value: text } } });

  it('is the option that was clicked, with what was typed beside it', async () => {
    const ref = await post(questionMessage());
    assert.deepEqual(await ben().click(ref, '2.5', { values: written(' not on Monday ') }), { ok: true });
    const { at, slackAt, isKnown: _, ...rest } = temporal.decided[0] as SentDecision;
    assert.ok(Date.parse(at) > 0 && slackAt);
    assert.deepEqual(rest, {
      kind: 'answer',
      request: 'request-7',
      revision: 1,
      items: [{ id: 'question', digest: '' }],
      choice: '2',
      note: 'not on Monday',
      by: { team: workspace.team.id, user: workspace.people.ben },
      clickedOn: ref.ts,
    });
  });

  it('is what was written', async () => {
    await ben().click(await post(questionMessage()), 'Answer', { values: written(' neither of them ') });
    assert.equal(temporal.decided[0]?.kind, 'answer');
    assert.equal(temporal.decided[0]?.note, 'neither of them');
    assert.equal(temporal.decided[0]?.choice, undefined);
  });

  it('that is empty is not sent, and the person is told', async () => {
    const ref = await post(questionMessage());
    assert.match(
      await told(workspace.people.ben, () => ben().click(ref, 'Answer')),
      /Write your answer first/,
    );
    assert.deepEqual(temporal.decided, []);
  });

  it('that can’t be confirmed is told so', async () => {
    temporal.mode = 'away';
    const ref = await post(questionMessage());
    assert.match(await told(workspace.people.ben, () => ben().click(ref, '2.4')), /couldn't confirm/);
  });

  it('on a run that is over is told so', async () => {
    temporal.mode = 'over';
    const ref = await post(questionMessage());
    assert.match(await told(workspace.people.ben, () => ben().click(ref, '2.4')), /This run is over/);
  });
});

describe('Stop', () => {
  it('asks twice, then cancels the run for the requester and the approvers, and says so', async () => {
    const button = workspace
      .messages(card.channel)
      .find(({ ts }) => ts === card.ts)
      ?.blocks?.at(-1);
    assert.match(JSON.stringify(button), /"confirm":.*Stop this run\?/);
    for (const user of [workspace.people.ana, workspace.people.ben]) {
      const word = await told(user, () => workspace.as(user).click(card, 'Stop'));
      assert.match(word, /I'm stopping run `abcd2345`/);
    }
    assert.deepEqual(temporal.cancelled, [
      `abcd2345 by ${workspace.people.ana}`,
      `abcd2345 by ${workspace.people.ben}`,
    ]);
  });

  it('is not for others, and each time that they try goes on record', async () => {
    const { dev } = workspace.people;
    for (const times of [1, 2]) {
      assert.match(await told(dev, () => workspace.as(dev).click(card, 'Stop')), /Only the person who asked/);
      assert.equal(new Set(temporal.refused).size, times);
    }
    assert.match(temporal.refused[0] ?? '', /^abcd2345 U04DEV cannot-cancel \d+\.\d+$/);
    assert.deepEqual(temporal.cancelled, []);
  });

  it('is for those to whom it may be escalated only once it was', async () => {
    const { ben: first, dev } = workspace.people;
    temporal.approvers = [first, dev];
    const stop = () => told(dev, () => workspace.as(dev).click(card, 'Stop'));
    assert.match(await stop(), /You can't stop run `abcd2345` yet/);
    assert.deepEqual(temporal.cancelled, []);
    temporal.policy = policyWith({ approvers: [first, dev] });
    assert.match(await stop(), /I'm stopping run/);
    assert.deepEqual(temporal.cancelled, [`abcd2345 by ${dev}`]);
  });

  it('promises nothing while no worker says whom it is for', async () => {
    temporal.policy = undefined;
    const word = await told(workspace.people.ben, () => ben().click(card, 'Stop'));
    assert.match(word, /I got your request to stop run `\w+`, but I can't check right now/);
    assert.equal(temporal.cancelled.length, 1);
  });

  it('is for everybody in the channel where anyone may approve', async () => {
    const { dev } = workspace.people;
    temporal.approvers = ['anyone'];
    temporal.policy = policyWith({ approvers: ['anyone'] });
    const word = await told(dev, () => workspace.as(dev).click(card, 'Stop'));
    assert.match(word, /I'm stopping run/);
  });

  it('that can’t be confirmed is told so, and the button stays', async () => {
    temporal.mode = 'away';
    assert.match(await told(workspace.people.ben, () => ben().click(card, 'Stop')), /couldn't confirm/);
  });

  it('is left to the workflow while Slack can’t say who is in a group, and nobody’s refusal goes on record', async () => {
    const { dev } = workspace.people;
    temporal.approvers = ['S01APPROVERS'];
    workspace.faults.inject({ kind: 'error-500', method: 'usergroups.users.list', times: 1 });
    const word = await told(dev, () => workspace.as(dev).click(card, 'Stop'));
    assert.match(word, /I got your request to stop/);
    assert.deepEqual(temporal.cancelled, [`abcd2345 by ${dev}`]);
    assert.deepEqual(temporal.refused, []);
  });

  it('on a run that is over says so', async () => {
    temporal.mode = 'over';
    assert.match(await told(workspace.people.ben, () => ben().click(card, 'Stop')), /is already over/);
  });
});

describe('what is not for a person', () => {
  const failure = { step: 'plan', code: 'Refused', message: 'No.' } as const;
  const failed: CardState = { kind: 'failed', failure, executionId: 'execution-1', votes: [] };
  for (const [label, word, reason] of [
    ['Retry', /can retry this run/, 'cannot-retry'],
    ['Details', /can see the details/, 'cannot-see-details'],
  ] as const) {
    it(`is told so on ${label}, and it goes on record`, async () => {
      const { dev } = workspace.people;
      const ref = await messenger.postCard(
        { channel: card.channel, card: cardWith(failed) },
        { key: `failed/${label}` },
      );
      assert.match(await told(dev, () => workspace.as(dev).click(ref, label)), word);
      assert.match(temporal.refused.join(), new RegExp(`^abcd2345 ${dev} ${reason} \\d+\\.\\d+$`));
    });
  }

  it('is told so on /agent cancel, and it goes on record once, though Slack brings it twice', async () => {
    const { dev } = workspace.people;
    const word = await told(dev, () =>
      workspace.as(dev).command(card.channel, '/agent', 'cancel abcd2345', { redeliver: 1 }),
    );
    assert.match(word, /Only the person who asked/);
    assert.equal(new Set(temporal.refused).size, 1);
    assert.match(temporal.refused[0] ?? '', new RegExp(`^abcd2345 ${dev} cannot-cancel [a-z2-9]{8}$`));
  });
});

describe('/agent status', () => {
  it('names the tool servers that aren’t available', async () => {
    const { ana } = workspace.people;
    const word = await told(ana, () =>
      workspace.as(ana).command(workspace.channels.general, '/agent', 'status abcd2345'),
    );
    assert.match(word, /The tools of `github` aren't available: `it ended with code 1`/);
  });
});
