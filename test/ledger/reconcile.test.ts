import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Message } from '../../sandbox/workspace/index.js';
import { openLedger } from '../../src/ledger/index.js';
import { type Stack, startStack } from '../support/product/stack.js';
import {
  buttonsOf,
  cardOf,
  DECISION,
  directMessages,
  startWaitingRun,
  WAITING,
  wordsOf,
} from '../support/slack/people.js';

describe('a card that its run cannot reach', () => {
  let stack: Stack;
  before(async () => {
    const policy = join(mkdtempSync(join(tmpdir(), 'policy-')), 'policy.yml');
    writeFileSync(policy, 'default: {}\nchannels:\n  C02APPROVALS: { approvers: [U02BEN] }\n');
    stack = await startStack({ env: { POLICY_FILE: policy }, ownTemporal: true });
  });
  after(() => stack.stop());
  beforeEach(() => {
    stack.workspace.faults.clear();
    stack.model.faults.clear();
  });

  /** A run of Ana's in a channel, and its card, once the ledger knows of it. */
  async function waitingRun(channel: string, goal: string): Promise<{ shortId: string; card: Message }> {
    const { workspace } = stack;
    const { shortId, card } = await startWaitingRun(workspace, workspace.people.ana, channel, goal);
    await stack.onRecord(shortId, ({ kind }) => kind === 'posted');
    return { shortId, card };
  }

  /** The cards of a run that stand in a channel. */
  const cardsOf = (channel: string, shortId: string): Message[] =>
    workspaceCards(channel).filter((message) => wordsOf(message).includes(`run \`${shortId}\``));
  const workspaceCards = (channel: string) =>
    stack.workspace
      .messages(channel)
      .filter(({ onlyFor, blocks }) => !onlyFor && blocks?.[0]?.type === 'header');
  const directly = (user: string, shortId: string) => directMessages(stack.workspace, user, shortId);

  it('loses its buttons and says why when its run is terminated in Temporal’s UI', async () => {
    const { general } = stack.workspace.channels;
    const { shortId } = await waitingRun(general, 'a run that an operator ends');
    await stack.terminate(shortId);
    await stack.restart();
    const over = await cardOf(stack.workspace, general, shortId, /^Ended/);
    assert.deepEqual(buttonsOf(over), ['Start again', 'Details']);
    assert.match(wordsOf(over), /Somebody ended this run outside Slack/);
    await stack.restart();
    const said = stack.workspace.thread(general, over.ts).map(({ text }) => text);
    assert.equal(said.length, 1, 'once');
    assert.match(said[0] ?? '', /^:octagonal_sign: <@U01ANA>: Your run `.*` ended outside Slack/);
  });

  it('is over everywhere when its run is terminated: in App Home, in direct messages, in Details and in its thread', async () => {
    const { workspace } = stack;
    const { approvals } = workspace.channels;
    const { ana, ben } = workspace.people;
    const home = (user: string) => JSON.stringify(workspace.home(user)?.blocks);
    const shows = (user: string, text: RegExp) =>
      workspace.waitFor(() => text.test(home(user)), {
        what: `${text} in the Home of ${user}`,
        timeoutMs: 10_000,
      });
    const { shortId, card } = await waitingRun(approvals, 'a run that is ended behind everybody’s back');
    await workspace.as(ben).openHome();
    await shows(ben, new RegExp(`Waiting for you \\(1\\).*${shortId}`));
    const notice = () => directly(ben, shortId)[0]?.text ?? '';
    await workspace.waitFor(() => /waits for your approval/.test(notice()), { what: 'the notice' });
    await stack.onRecord(shortId, ({ kind }) => kind === 'notified');

    const runs = await stack.terminate(shortId);
    // Nothing says so yet: the click comes before the reconciling step.
    await workspace.as(ben).click(card, 'Approve');
    await stack.restart();
    await shows(ben, new RegExp(`Nothing waits for you.*Ended outside Slack.*${shortId}`));
    await workspace.waitFor(() => /no longer waits for you/.test(notice()), {
      what: 'the end of the notice',
    });
    const over = await cardOf(workspace, approvals, shortId, /^Ended/);
    await workspace.as(ana).click(over, 'Details');
    const details = await workspace.waitFor(() => workspace.openViews(ana)[0], { what: 'the details' });
    const story = JSON.stringify(details.blocks);
    assert.match(story, /Somebody ended this run outside Slack/);
    assert.match(story, /<@U02BEN> couldn't approve this: the run was over/);
    await workspace.as(ana).closeView(details.id);

    const ledger = await openLedger(stack.databaseUrl);
    const ends = await ledger.read(shortId, 'ended');
    assert.deepEqual(
      ends.map(({ data, at }) => [data, at]),
      [[{ state: 'gone', why: 'terminated' }, runs.closedAt?.toISOString()]],
    );
    await ledger.close();
    await workspace.as(ana).mention(approvals, 'go on, and shorter', { threadTs: card.ts });
    const followUp = await workspace.waitFor(
      () =>
        workspace
          .ephemerals(ana)
          .find(({ text }) => text.includes(`I continue from the result of run \`${shortId}\``)),
      { what: 'a run that goes on from it' },
    );
    assert.match(followUp.text, /has started/);
  });

  it('is posted again when somebody deleted it while its run waits', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { shortId, card } = await waitingRun(general, 'a card that is deleted');
    workspace.deleteMessage(card);
    await stack.restart();
    const second = await cardOf(workspace, general, shortId, WAITING);
    assert.notEqual(second.ts, card.ts);
    await workspace.as(workspace.people.ana).click(second, 'Approve');
    await cardOf(workspace, general, shortId, /^Done/);
  });

  it('is posted again, once, when somebody deleted it and replies keep its place', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana, ben } = workspace.people;
    const { shortId, card } = await waitingRun(general, 'a card with replies that is deleted');
    await workspace.as(ben).reply(card, 'Who asked for this?');
    workspace.deleteMessage(card);
    for (let round = 0; round < 3; round += 1) {
      await stack.restart();
      await cardOf(workspace, general, shortId, WAITING);
    }
    const standing = cardsOf(general, shortId);
    assert.deepEqual(
      standing.map(({ threadTs }) => threadTs),
      [undefined],
    );
    await workspace.as(ana).click(standing[0] as Message, 'Approve');
    await cardOf(workspace, general, shortId, /^Done/);
  });

  it('stays alone in the channel when the message that asked for it was deleted before it came', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const goal = 'a question that its asker takes back';
    workspace.deleteMessage(await workspace.as(ana).mention(general, goal));
    const first = await workspace.waitFor(
      () =>
        workspace
          .messages(general)
          .find((message) => WAITING.test(message.text) && wordsOf(message).includes(goal)),
      { what: 'the card' },
    );
    assert.equal(first.threadTs, undefined);
    const shortId = /run `(\w+)`/.exec(wordsOf(first))?.[1] ?? '';
    await stack.onRecord(shortId, ({ kind }) => kind === 'posted');
    for (let round = 0; round < 3; round += 1) {
      await stack.restart();
      await workspace.waitFor(() => cardsOf(general, shortId).length > 0, { what: 'a card' });
    }
    assert.deepEqual(
      cardsOf(general, shortId).map(({ ts }) => ts),
      [first.ts],
    );
    await workspace.as(ana).click(first, 'Request changes');
    const form = await workspace.waitFor(() => workspace.openViews(ana)[0], { what: 'the form' });
    await workspace.as(ana).submit(form.id, { answer: 'shorter' });
    const second = await workspace.waitFor(
      () => cardsOf(general, shortId).find((message) => /revision 2/.test(wordsOf(message))),
      { what: 'the second revision' },
    );
    assert.equal(second.threadTs, undefined);
    await workspace.as(ana).click(second, 'Approve');
    await workspace.waitFor(
      () => workspace.thread(general, second.ts).some((message) => /is done/.test(wordsOf(message))),
      {
        what: 'the result under the card',
      },
    );
  });

  it('is sent to the requester when its channel is archived; they decide there, and get the result there', async () => {
    const { workspace } = stack;
    const { incidents } = workspace.channels;
    const { ana } = workspace.people;
    const { shortId, card } = await waitingRun(incidents, 'a channel that is archived');
    await workspace.archive(incidents);
    const direct = await workspace.waitFor(() => directly(ana, shortId)[0], { what: 'the card, directly' });
    assert.match(wordsOf(direct), /is archived, so I'm asking you here/);
    assert.deepEqual(buttonsOf(direct), DECISION);
    assert.deepEqual(await workspace.as(ana).click(direct, 'Approve'), { ok: true });
    const result = await workspace.waitFor(
      () => directly(ana, shortId).find(({ threadTs }) => threadTs === direct.ts),
      { what: 'the result' },
    );
    assert.match(wordsOf(result), /is done/);
    await workspace.waitFor(() => /^Done/.test(directly(ana, shortId)[0]?.text ?? ''), { what: 'the end' });

    await workspace.archive(incidents, false);
    await stack.restart();
    const left = await workspace.waitFor(
      () => workspace.messages(incidents).find(({ ts, text }) => ts === card.ts && /^Done/.test(text)),
      { what: 'the card in the channel' },
    );
    assert.deepEqual(buttonsOf(left), ['Details'], 'no live buttons are left behind');
  });

  it('is sent to everybody whom the policy names when the bot is removed, and shows them all how it ended', async () => {
    const { workspace } = stack;
    const { approvals } = workspace.channels;
    const { ana, ben } = workspace.people;
    const { shortId } = await waitingRun(approvals, 'the bot is removed');
    await workspace.removeBot(approvals);
    const asked = await workspace.waitFor(
      () => directly(ben, shortId).find(({ text }) => WAITING.test(text)),
      {
        what: 'the card for Ben',
      },
    );
    assert.match(wordsOf(asked), /I'm no longer in <#/);
    await workspace.as(ben).click(asked, 'Approve');
    for (const person of [ana, ben]) {
      const done = await workspace.waitFor(
        () => directly(person, shortId).find(({ text }) => /^Done/.test(text)),
        { what: `the end, for ${person}` },
      );
      assert.deepEqual(buttonsOf(done), ['Details']);
    }
    workspace.invite(approvals);
  });

  it('costs no result: what cannot be posted under it goes to the requester', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const { shortId, card } = await waitingRun(general, 'the thread is lost');
    const times = 1;
    workspace.faults.inject({ kind: 'refuse', method: 'chat.postMessage', error: 'is_archived', times });
    await workspace.as(ana).click(card, 'Approve');
    const done = await cardOf(workspace, general, shortId, /^Done/);
    assert.match(wordsOf(done), /<@U01ANA> got it directly/);
    assert.equal(directly(ana, shortId).length, 1);
  });

  it('gets the result late, not never, when the bot token was revoked in between', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const { shortId, card } = await waitingRun(general, 'the token is revoked');
    workspace.faults.inject({ kind: 'refuse', method: 'chat.postMessage', error: 'token_revoked' });
    workspace.faults.inject({ kind: 'refuse', method: 'chat.update', error: 'token_revoked' });
    await workspace.as(ana).click(card, 'Approve');
    await workspace.waitFor(() => workspace.thread(general, card.ts).length === 1, {
      what: 'the result under the card',
      timeoutMs: 25_000,
    });
    const done = await cardOf(workspace, general, shortId, /^Done/);
    assert.deepEqual(buttonsOf(done), ['Details']);
  });

  it('says so when the server that knew its run was wiped', async () => {
    const { general } = stack.workspace.channels;
    const { shortId } = await waitingRun(general, 'a server that is wiped');
    await stack.wipeTemporal();
    await stack.restart();
    const over = await cardOf(stack.workspace, general, shortId, /^Ended/);
    assert.deepEqual(buttonsOf(over), ['Start again', 'Details']);
    assert.match(wordsOf(over), /no longer knows this run/);
  });
});
