import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { promptOf } from '../../sandbox/model/request.js';
import { signature } from '../../sandbox/workspace/delivery/http.js';
import type { Message, Workspace } from '../../sandbox/workspace/index.js';
import type { RunInput } from '../../src/run/input.js';
import { type Stack, startStack } from '../support/product/stack.js';
import { answerTo, cardOf, shortIdIn, startWaitingRun, WAITING } from '../support/slack/people.js';

/** Somebody mentions the app; resolves with the message and with what they alone are told. */
async function mention(
  workspace: Workspace,
  user: string,
  channel: string,
  text: string,
  thread?: string,
): Promise<{ message: Message; told: Message }> {
  let message: Message | undefined;
  const told = await answerTo(workspace, user, async () => {
    message = await workspace.as(user).send(channel, `<@${workspace.botUser}> ${text}`, thread);
  });
  return { message: message as Message, told };
}

/** How a mention was brought to the app, each time. */
function deliveriesOf(workspace: Workspace, words: string) {
  return workspace.deliveries.filter(({ payload }) => {
    const { type, text } = (payload.event ?? {}) as { type?: string; text?: string };
    return type === 'app_mention' && text?.includes(words);
  });
}

/** A card of the run, wherever it stands. */
function anyCard(workspace: Workspace, channel: string, shortId: string, text: RegExp): Promise<Message> {
  return workspace.waitFor(
    () =>
      workspace
        .messages(channel)
        .filter(({ onlyFor, blocks }) => !onlyFor && JSON.stringify(blocks ?? '').includes(shortId))
        .findLast((message) => text.test(message.text)),
    { what: `a card of run ${shortId} that says ${text}`, timeoutMs: 20_000 },
  );
}

/** Input of a run, by Temporal's history. */
async function inputOf(stack: Stack, shortId: string): Promise<RunInput> {
  const { client, close } = await stack.connect();
  try {
    const history = await client.workflow.getHandle(`agent-${shortId}`).fetchHistory();
    const [payload] = history.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    return JSON.parse(Buffer.from(payload?.data ?? []).toString()) as RunInput;
  } finally {
    await close();
  }
}

/** How many runs have such a goal. */
async function runsFor(stack: Stack, goal: string): Promise<number> {
  const { client, close } = await stack.connect();
  try {
    let count = 0;
    for await (const { memo } of client.workflow.list()) if (memo?.goal === goal) count += 1;
    return count;
  } finally {
    await close();
  }
}

/** Mentions the app while Temporal is away and Slack takes no private words; resolves with the first delivery, once Temporal is back. */
async function mentionInVain(stack: Stack, text: string) {
  const { workspace } = stack;
  const bringBack = await stack.killTemporal();
  workspace.faults.inject({ kind: 'error-500', method: 'chat.postEphemeral', times: 100 });
  const { people, channels, botUser } = workspace;
  const sent = workspace.as(people.ana).send(channels.general, `<@${botUser}> ${text}`);
  const first = await workspace.waitFor(() => deliveriesOf(workspace, text)[0], {
    what: 'the first delivery',
  });
  await bringBack();
  await sent;
  return first;
}

/** Slack's schedule in a hurry: what it waits minutes and hours for comes within a second. */
const HURRIED = { pausesMs: [0, 50, 100], delayedMs: 500 };

describe('@countersign in Slack, by Socket Mode', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack({ workspace: { eventRetries: HURRIED }, ownTemporal: true });
  });
  after(() => stack.stop());
  beforeEach(() => stack.workspace.faults.clear());

  it('starts a run for the thread of the message, and tells the asker alone', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const { message, told } = await mention(workspace, ana, general, 'draft the notes &amp; send them');
    assert.match(told.text, new RegExp(`<@${ana}> asked for\n> draft the notes &amp; send them`));
    assert.equal(told.threadTs, undefined);
    const shortId = shortIdIn(told.text);
    const input = await inputOf(stack, shortId);
    assert.equal(input.goal, 'draft the notes & send them');
    assert.equal(input.thread, message.ts);
    assert.equal(input.channel, general);
    const card = await anyCard(workspace, general, shortId, WAITING);
    await workspace.as(ana).click(card, 'Approve');
    await anyCard(workspace, general, shortId, /^Done/);
    assert.deepEqual(
      deliveriesOf(workspace, 'draft the notes').map(({ result }) => result.ok),
      [true],
    );
  });

  it('names the people and channels of its goal wherever the goal is shown, and pings nobody', async () => {
    const { workspace, model } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const typed = '@countersign ask @ben and @leads in #random';
    const told = await answerTo(workspace, ana, () => workspace.as(ana).write(general, typed));
    const shortId = shortIdIn(told.text);
    const goal = 'ask @ben and @leads in #random';
    assert.equal((await inputOf(stack, shortId)).goal, goal);
    const card = await anyCard(workspace, general, shortId, WAITING);
    const status = await answerTo(workspace, ana, () =>
      workspace.as(ana).command(general, '/agent', `status ${shortId}`),
    );
    await workspace.as(ana).openHome();
    const home = await workspace.waitFor(() => workspace.home(ana));
    for (const shown of [told, card, status, home]) {
      assert.match(JSON.stringify(shown), /ask @ben and @leads in #random/i);
      assert.doesNotMatch(JSON.stringify(shown), /U02BEN|S02LEADS|C04RANDOM/);
    }
    assert.ok(model.requests.some(({ body }) => promptOf(body).includes(goal)));
    await workspace.as(ana).click(card, 'Reject');
  });

  it('goes on from a finished run under its card, once it is over and not before', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana, ben } = workspace.people;
    const { shortId, card } = await startWaitingRun(workspace, ana, general, 'compare two vendors');
    const { ts } = card;

    const early = await mention(workspace, ben, general, 'now a third one', ts);
    assert.equal(early.told.threadTs, ts);
    assert.match(early.told.text, new RegExp(`Run \`${shortId}\` waits for approval`));
    assert.match(
      early.told.text,
      new RegExp(`Waiting for <@${ana}>.*\n.*Request changes.*archives/${general}`),
    );
    assert.equal(await runsFor(stack, 'now a third one'), 0);
    const status = await mention(workspace, ben, general, 'status', ts);
    assert.match(status.told.text, new RegExp(`Run \`${shortId}\` waits for approval`));

    await workspace.as(ana).click({ channel: general, ts }, 'Approve');
    await cardOf(workspace, general, shortId, /^Done/);
    const { told } = await mention(workspace, ben, general, 'now a third one', ts);
    assert.match(told.text, new RegExp(`continue from the result of run \`${shortId}\``));
    const input = await inputOf(stack, shortIdIn(told.text));
    assert.equal(input.thread, ts);
    assert.equal(input.requester.user, ben);
    const { followUp } = input;
    assert.equal(followUp?.shortId, shortId);
    assert.equal(followUp?.goal, 'compare two vendors');
    assert.ok(followUp?.title);
    const result = workspace.thread(general, ts).find(({ text, user }) => user === workspace.botUser && text);
    assert.ok(followUp?.result && result, 'what came of it goes along');
    await anyCard(workspace, general, input.shortId, WAITING);
  });

  it('cancels the thread’s run at a word', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const { shortId, card } = await startWaitingRun(workspace, ana, general, 'paint the office');
    const { told } = await mention(workspace, ana, general, 'cancel', card.ts);
    assert.match(told.text, new RegExp(`I'm stopping run \`${shortId}\``));
    await cardOf(workspace, general, shortId, /^Stopped/);
  });

  it('says that it could not confirm it while Temporal is away', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const bringBack = await stack.killTemporal();
    const { told } = await mention(workspace, ana, general, 'order the cake');
    assert.match(told.text, /couldn't confirm/);
    assert.deepEqual(
      deliveriesOf(workspace, 'order the cake').map(({ result }) => result.ok),
      [true],
      'within Slack’s three seconds',
    );
    await bringBack();
    const again = await mention(workspace, ana, general, 'order the cake');
    await anyCard(workspace, general, shortIdIn(again.told.text), WAITING);
  });

  it('starts the run of a mention that Slack brought four times in vain while the service was away', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const { shortId, card } = await startWaitingRun(workspace, ana, general, 'rent a van');
    const { ts } = card;
    await workspace.as(ana).click({ channel: general, ts }, 'Approve');
    await cardOf(workspace, general, shortId, /^Done/);
    const restarted = stack.restart();
    await workspace.waitFor(() => !workspace.connected(), { what: 'the service gone' });
    await workspace.as(ana).send(general, `<@${workspace.botUser}> return the van`, ts);
    await restarted;
    await workspace.waitFor(() => deliveriesOf(workspace, 'return the van').at(-1)?.result.ok, {
      what: 'the delivery that reaches it',
    });
    const inVain = deliveriesOf(workspace, 'return the van').slice(0, 4);
    assert.deepEqual(
      inVain.map(({ result }) => result),
      Array(4).fill({ ok: false, reason: 'no-app', isCut: true }),
    );
    await workspace.waitFor(
      () =>
        workspace.messages(general).find(({ text }) => WAITING.test(text) && /return the van/i.test(text)),
      { what: 'the card of the follow-up' },
    );
    assert.equal(await runsFor(stack, 'return the van'), 1);
  });

  it('leaves a mention unacknowledged that it could neither start nor answer; when Slack brings it again, the run starts', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const first = await mentionInVain(stack, 'book the venue');
    assert.deepEqual(first.result, { ok: false, reason: 'timeout' });
    await workspace.waitFor(() => deliveriesOf(workspace, 'book the venue').at(-1)?.result.ok, {
      what: 'a delivery that is acknowledged',
      timeoutMs: 20_000,
    });
    await workspace.waitFor(
      () =>
        workspace.messages(general).find(({ text }) => WAITING.test(text) && /book the venue/i.test(text)),
      { what: 'the card' },
    );
    assert.equal(await runsFor(stack, 'book the venue'), 1);
  });
});

describe('@countersign in Slack, by HTTP', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack({ http: true, ownTemporal: true });
  });
  after(() => stack.stop());
  beforeEach(() => stack.workspace.faults.clear());

  /** Brings a payload again, as Slack does when the acknowledgement was lost. */
  const redeliver = (payload: object) => {
    const body = JSON.stringify(payload);
    const signed = signature(stack.workspace.credentials.signingSecret, body);
    const headers = { 'content-type': 'application/json', 'x-slack-retry-num': '1', ...signed };
    return fetch(stack.eventsUrl, { method: 'POST', body, headers });
  };

  it('starts one run, and says so once, however often Slack brings the mention', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const { told } = await mention(workspace, ana, general, 'announce the new office');
    const [delivery] = deliveriesOf(workspace, 'announce the new office');
    const again = await Promise.all([1, 2, 3].map(() => redeliver(delivery?.payload ?? {})));
    assert.deepEqual(
      again.map(({ status }) => status),
      [200, 200, 200],
    );
    const shortId = shortIdIn(told.text);
    await anyCard(workspace, general, shortId, WAITING);
    assert.equal((await redeliver(delivery?.payload ?? {})).status, 200);
    assert.equal(await runsFor(stack, 'announce the new office'), 1);
    const words = workspace.ephemerals(ana).filter(({ text }) => text.includes('announce the new office'));
    assert.deepEqual(
      words.map(({ text }) => shortIdIn(text)),
      [shortId],
    );
  });

  it('answers in a direct message what Slack brings late: an ephemeral one reaches only people who look just then', async (test) => {
    const { workspace } = stack;
    const { ana } = workspace.people;
    const { message } = await mention(workspace, ana, workspace.channels.general, 'list');
    const [delivery] = deliveriesOf(workspace, 'list');
    const seen = workspace.ephemerals(ana).length;
    const now = Date.now;
    test.mock.method(Date, 'now', () => now() + 2 * 3_600_000);
    assert.equal((await redeliver(delivery?.payload ?? {})).status, 200);
    const { text = '', onlyFor } = workspace.privateWords(ana).at(-1) ?? {};
    assert.match(text, /^I got <[^|]+\|your message> late\. My answer:\n(Your runs|No runs)/);
    assert.ok(text.includes(`p${message.ts.replace('.', '')}`), 'with a link to the mention');
    assert.equal(onlyFor, undefined);
    assert.equal(workspace.ephemerals(ana).length, seen);
  });

  it('answers with an error where it could neither start the run nor tell the asker, so that Slack brings it again', async () => {
    const failed = await mentionInVain(stack, 'book the venue');
    assert.deepEqual(failed.result, { ok: false, reason: 'failed' });
    assert.equal((await redeliver(failed.payload)).status, 200);
    assert.equal(await runsFor(stack, 'book the venue'), 1);
  });
});
