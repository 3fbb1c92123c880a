import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promptOf } from '../../sandbox/model/request.js';
import type { Message } from '../../sandbox/workspace/index.js';
import { type Stack, startStack } from '../support/product/stack.js';
import {
  answerTo,
  approveToTheEnd,
  buttonsOf,
  cardOf,
  DECISION,
  directMessages,
  openForm,
  shortIdIn,
  startRun,
  startWaitingRun,
  WAITING,
  wordsOf,
} from '../support/slack/people.js';

/** Checks that a run has one card, and one message in its thread. */
function assertShownOnce({ workspace }: Stack, shortId: string, { channel, ts }: Message): void {
  const cards = workspace
    .messages(channel)
    .filter((message) => JSON.stringify(message.blocks ?? '').includes(shortId))
    .filter(({ threadTs, onlyFor }) => !threadTs && !onlyFor);
  assert.equal(cards.length, 1);
  assert.equal(workspace.thread(channel, ts).length, 1);
}

describe('/agent in Slack, by Socket Mode', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack({ ownTemporal: true });
  });
  after(() => stack.stop());
  beforeEach(() => {
    stack.workspace.faults.clear();
    stack.model.faults.clear();
  });

  const executions = () =>
    stack.model.requests.filter(({ body }) => promptOf(body).startsWith('Execute:')).length;

  it('plans, waits, and does what was approved: command, card, Approve with a note, result in the thread', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const before = executions();
    const { text: told } = await answerTo(workspace, ana, () =>
      workspace.as(ana).command(general, '/agent', 'draft the release notes for 2.4'),
    );
    const shortId = shortIdIn(told);
    assert.match(told, new RegExp(`<@${ana}> asked for`));
    assert.match(told, /draft the release notes for 2\.4/);

    const card = await cardOf(workspace, general, shortId, WAITING);
    assert.deepEqual(buttonsOf(card), DECISION);
    for (const part of [
      'Steps',
      'Risks',
      'Sources',
      'docs.example.com',
      'Decide by',
      'Waiting for',
      `<@${ana}>`,
    ]) {
      assert.ok(wordsOf(card).includes(part), `the card shows ${part}`);
    }
    assert.equal(executions(), before, 'nothing is carried out yet');

    const note = { note: { note_text: { type: 'plain_text_input', value: 'mind the dates' } } };
    assert.deepEqual(await workspace.as(ana).click(card, 'Approve', { values: note }), { ok: true });
    const done = await cardOf(workspace, general, shortId, /^Done/);
    assert.deepEqual(buttonsOf(done), ['Details']);
    assert.match(wordsOf(done), /Approved by <@U01ANA>/);
    const [result, ...more] = workspace.thread(general, card.ts);
    assert.match(wordsOf(result), /mind the dates/);
    assert.match(wordsOf(result), new RegExp(`<@${ana}>`));
    assert.deepEqual(more, []);
    assert.equal(executions(), before + 1);
  });

  it('takes a reject with its reason, and a reject without one', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    for (const reason of ['too early', '']) {
      const shortId = await startRun(workspace, ana, general, `plan the party ${reason}`);
      await workspace.as(ana).click(await cardOf(workspace, general, shortId, WAITING), 'Reject');
      const modal = await workspace.waitFor(() => workspace.openViews(ana)[0], { what: 'the modal' });
      assert.equal(modal.blocks.length, 1);
      assert.deepEqual(await workspace.as(ana).submit(modal.id, { answer: reason }), { ok: true });
      const rejected = await cardOf(workspace, general, shortId, /^Rejected/);
      assert.deepEqual(buttonsOf(rejected), ['Start again', 'Details']);
      assert.match(wordsOf(rejected), /Rejected by <@U01ANA>/);
      assert.ok(wordsOf(rejected).includes(reason));
      await stack.ended(shortId);
      assert.deepEqual(workspace.thread(general, rejected.ts), [], 'who asked did it themself');
    }
  });

  it('writes a new revision when changes are requested, and retires the old card', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const { shortId, card: old } = await startWaitingRun(workspace, ana, general, 'compare three databases');
    const modal = await openForm(workspace, ana, old, 'Request changes');
    const empty = await workspace.as(ana).submit(modal.id, { answer: '' });
    assert.ok(!empty.ok && empty.errors?.answer, 'an empty wish is refused, and the modal stays');
    await workspace.as(ana).submit(modal.id, { answer: 'leave out the third' });
    const retired = await cardOf(workspace, general, shortId, /^Changes requested/);
    assert.equal(retired.ts, old.ts);
    assert.deepEqual(buttonsOf(retired), []);
    const fresh = await cardOf(workspace, general, shortId, WAITING);
    assert.notEqual(fresh.ts, old.ts);
    assert.match(wordsOf(fresh), /revision 2/);
    assert.match(wordsOf(fresh), /leave out the third/);

    await workspace.as(ana).click(old, 'Approve', { stale: old });
    assert.deepEqual(buttonsOf(fresh), DECISION);
    await approveToTheEnd(workspace, ana, general, { shortId, card: fresh });
  });

  it('tells a person who may not approve so, privately, and keeps waiting', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana, ben } = workspace.people;
    const { shortId, card } = await startWaitingRun(
      workspace,
      ana,
      general,
      'write an e-mail to the customers',
    );
    const told = await answerTo(workspace, ben, () => workspace.as(ben).click(card, 'Approve'));
    assert.match(told.text, /didn't count.*you can't approve this.*Who can: <@U01ANA>/);
    assert.deepEqual(buttonsOf(await cardOf(workspace, general, shortId, WAITING)), DECISION);
    await workspace.as(ana).command(general, '/agent', `cancel ${shortId}`);
    await cardOf(workspace, general, shortId, /^Stopped/);
  });

  it('answers help, list, status and cancel privately; an empty command gets the help, an unknown word a question', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana, ben } = workspace.people;
    const ask = async (user: string, text: string) => {
      return (await answerTo(workspace, user, () => workspace.as(user).command(general, '/agent', text)))
        .text;
    };
    const { shortId, card } = await startWaitingRun(workspace, ana, general, 'migrate to the new cluster');
    const inPublic = workspace.messages(general).filter((message) => !message.onlyFor).length;
    for (const text of ['', 'help', '?']) assert.match(await ask(ana, text), /\/agent <goal>/);
    assert.match(await ask(ana, 'hlep'), /Start a run for “hlep”\?/);
    // The run itself hears a moment later than people that its card is posted.
    const until = async (words: RegExp, command: string) => {
      let answer = '';
      for (let tries = 0; !words.test(answer) && tries < 50; tries += 1) {
        await delay(50);
        answer = await ask(ana, command);
      }
      assert.match(answer, words);
    };
    const waits = `: :large_yellow_circle: Waiting for <@${ana}> · until .*archives/${general}.*Open>.*${shortId}`;
    await until(new RegExp(waits), 'list');
    await until(/waits for approval/, `status ${shortId}`);
    assert.match(
      await ask(ben, `status ${shortId}`),
      /waits for approval/,
      'a member of the channel sees it',
    );
    assert.match(await ask(ana, 'status zzzzzzzz'), /I can't find a run/);
    assert.match(await ask(ana, 'status'), /Which run\?/);
    assert.match(await ask(ben, `cancel ${shortId}`), /Only the person who asked/);
    assert.match(await ask(ana, `cancel ${shortId}`), /I'm stopping run/);
    const cancelled = await cardOf(workspace, general, shortId, /^Stopped/);
    assert.equal(cancelled.ts, card.ts);
    assert.deepEqual(buttonsOf(cancelled), ['Details']);
    assert.match(await ask(ana, `status ${shortId}`), /was stopped/);
    // The run ends a moment after its card says so, when its last checkpoint is written.
    let answer = await ask(ana, `cancel ${shortId}`);
    while (/I'm stopping run/.test(answer)) answer = await ask(ana, `cancel ${shortId}`);
    assert.match(answer, /is already over/);
    assert.match(await ask(ana, 'word '.repeat(2_001)), /has 10,004 characters, and the limit is 10,000/);
    assert.equal(workspace.messages(general).filter((message) => !message.onlyFor).length, inPublic);
  });

  it('starts one run for a command that Slack delivers twice, and decides once for a click that it delivers twice', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const before = executions();
    const answer = await answerTo(workspace, ana, () =>
      workspace.as(ana).command(general, '/agent', 'announce the new office', { redeliver: 2 }),
    );
    const shortId = shortIdIn(answer.text);
    const card = await cardOf(workspace, general, shortId, WAITING);
    await workspace.as(ana).click(card, 'Approve', { redeliver: 2 });
    await cardOf(workspace, general, shortId, /^Done/);
    assertShownOnce(stack, shortId, card);
    assert.equal(executions(), before + 1);
  });

  it('says in the answer to the command that the bot cannot post there, searches nothing, and goes on after Retry', async () => {
    const { workspace, model } = stack;
    const { random, archived, private: leadership } = workspace.channels;
    const { ana } = workspace.people;
    for (const [channel, hint] of [
      [random, /^I can't post in <#C04RANDOM>\. `\/invite @countersign` there, then Retry\./],
      [leadership, /^I can't post in <#C05LEADERS>\. `\/invite @countersign` there/],
      [archived, /^I can't post in <#C06LAUNCH>: it's archived/],
    ] as const) {
      const asked = model.requests.length;
      const told = await answerTo(workspace, ana, () =>
        workspace.as(ana).command(channel, '/agent', 'plan a workshop'),
      );
      const shortId = shortIdIn(told.text);
      assert.deepEqual([told.channel, buttonsOf(told)], [channel, ['Retry']]);
      assert.match(told.text, hint);
      await stack.onRecord(shortId, ({ kind }) => kind === 'ended');
      const again = await answerTo(workspace, ana, () => workspace.as(ana).click(told, 'Retry'));
      assert.match(again.text, /^I can't post in/, 'still not');
      assert.equal(model.requests.length, asked);
      assert.deepEqual(directMessages(workspace, ana, shortId), [], 'told once');
      if (channel === archived) continue;
      await workspace.invite(channel);
      await workspace.as(ana).click(told, 'Retry');
      await workspace.as(ana).click(await cardOf(workspace, channel, shortId, WAITING), 'Approve');
      await cardOf(workspace, channel, shortId, /^Done/);
      await workspace.removeBot(channel);
    }
  });

  it('ends with what went wrong when the search fails for good, and goes on from there after Retry', async () => {
    const { workspace, model } = stack;
    const { general } = workspace.channels;
    const { ana, ben } = workspace.people;
    model.faults.inject({
      kind: 'error',
      status: 400,
      message: 'the search is switched off',
      match: 'search',
    });
    const plans = model.requests.filter(({ body }) =>
      promptOf(body).startsWith('Create an action plan'),
    ).length;
    const shortId = await startRun(workspace, ana, general, 'organise the offsite');
    const failed = await cardOf(workspace, general, shortId, /^Failed/);
    assert.match(wordsOf(failed), /Failed\* while researching/);
    assert.match(wordsOf(failed), /the search is switched off/);
    assert.deepEqual(buttonsOf(failed), ['Retry', 'Details']);
    assert.equal(
      model.requests.filter(({ body }) => promptOf(body).startsWith('Create an action plan')).length,
      plans,
    );
    await workspace.as(ben).click(failed, 'Retry');
    const refused = await workspace.waitFor(
      () => workspace.ephemerals(ben).find(({ text }) => /can retry this run/.test(text)),
      {
        what: 'the refusal',
      },
    );
    assert.ok(refused);
    await workspace.as(ana).click(failed, 'Retry');
    await workspace.as(ana).click(await cardOf(workspace, general, shortId, WAITING), 'Approve');
    await cardOf(workspace, general, shortId, /^Done/);
    assert.deepEqual(buttonsOf(await cardOf(workspace, general, shortId, /^Trying again/)), []);
  });

  it('posts a card once when Slack did it but its answer was lost, and waits when Slack asks it to', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    workspace.faults.inject({ kind: 'lose-answer', method: 'chat.postMessage' });
    workspace.faults.inject({ kind: 'ratelimited', method: 'chat.update', retryAfterS: 1 });
    const { shortId, card } = await startWaitingRun(workspace, ana, general, 'compare two vendors');
    await workspace.waitFor(
      () => workspace.requests.some(({ method }) => method === 'conversations.history'),
      { what: 'the look-up' },
    );
    await approveToTheEnd(workspace, ana, general, { shortId, card });
    assertShownOnce(stack, shortId, card);
  });

  it('never pings or links with text that came from people or the model', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const hostile = 'plan <!channel> & <@U02BEN> with <https://evil.example|a safe link> *now*';
    const { shortId, card } = await startWaitingRun(workspace, ana, general, hostile);
    const mrkdwn = (
      JSON.stringify(card.blocks).match(/\{"type":"mrkdwn","text":"(?:[^"\\]|\\.)*"/g) ?? []
    ).join();
    assert.ok(mrkdwn.includes(shortId), 'the facts are in mrkdwn');
    assert.ok(
      !mrkdwn.includes('<!channel>') && !mrkdwn.includes('<@U02BEN>') && !mrkdwn.includes('<https://evil'),
    );
    assert.ok(!card.text.includes('<!channel>'));
    assert.ok(wordsOf(card).includes(hostile), 'people see it as it was typed');
    const private_ = workspace.ephemerals(ana).find(({ text }) => text.includes(shortId));
    assert.ok(!private_?.text.includes('<!channel>'));
    await workspace.as(ana).command(general, '/agent', `cancel ${shortId}`);
    await cardOf(workspace, general, shortId, /^Stopped/);
  });

  it('goes on after Slack asks it to connect anew, and after a restart of the service', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const { shortId, card } = await startWaitingRun(workspace, ana, general, 'upgrade the runtime');
    await workspace.sockets.refresh({ warningMs: 200, closeMs: 200 });
    workspace.sockets.hangUp();
    await workspace.waitFor(() => !workspace.connected(), { what: 'the connection gone' });
    await workspace.waitFor(() => workspace.connected(), { what: 'the connection back' });
    await stack.restart();
    await approveToTheEnd(workspace, ana, general, { shortId, card });
  });

  it('makes a call to the model again after a deploy in the middle of it, and counts no attempt', async () => {
    const { workspace, model } = stack;
    const { general } = workspace.channels;
    const before = model.requests.length;
    const soon = { kind: 'error', status: 409, retryAfterS: 0.05, match: 'search' } as const;
    model.faults.inject({ ...soon, times: 4 });
    model.faults.inject({ kind: 'hang', match: 'search' });
    const shortId = await startRun(workspace, workspace.people.ana, general, 'deployed while it searches');
    await workspace.waitFor(() => model.requests.length === before + 5, { what: 'the fifth attempt' });
    await stack.restart();
    await cardOf(workspace, general, shortId, WAITING);
    assert.equal(model.requests.length, before + 7, 'four faults, a deploy, the search, the plan');
    await workspace.as(workspace.people.ana).command(general, '/agent', `cancel ${shortId}`);
  });

  it('says that it could not confirm a click, a form or a command while Temporal is away; all of them work when it is back', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const { shortId, card } = await startWaitingRun(workspace, ana, general, 'roll out the new login');
    const modal = await openForm(workspace, ana, card, 'Request changes');
    const bringBack = await stack.killTemporal();

    const told = (text: RegExp, since: number) =>
      workspace.waitFor(
        () =>
          workspace
            .ephemerals(ana)
            .slice(since)
            .find((message) => text.test(message.text)),
        { what: String(text) },
      );
    let since = workspace.ephemerals(ana).length;
    assert.deepEqual(
      await workspace.as(ana).click(card, 'Approve'),
      { ok: true },
      'within Slack’s three seconds',
    );
    await told(/couldn't confirm your click.*Click again: that's safe/, since);
    assert.deepEqual(buttonsOf(await cardOf(workspace, general, shortId, WAITING)), DECISION);
    const submitted = await workspace.as(ana).submit(modal.id, { answer: 'in two steps' });
    assert.ok(
      !submitted.ok && /Submit again: that's safe/.test(submitted.errors?.answer ?? ''),
      JSON.stringify(submitted),
    );
    assert.equal(workspace.openViews(ana).length, 1, 'the form stays, with its text');
    since = workspace.ephemerals(ana).length;
    await workspace.as(ana).command(general, '/agent', 'write the newsletter');
    await told(/couldn't confirm/, since);

    await bringBack();
    assert.deepEqual(await workspace.as(ana).submit(modal.id, { answer: 'in two steps' }), { ok: true });
    const fresh = await workspace.waitFor(
      () =>
        workspace
          .messages(general)
          .findLast((message) => WAITING.test(message.text) && wordsOf(message).includes('in two steps')),
      { what: 'the new revision', timeoutMs: 30_000 },
    );
    await approveToTheEnd(workspace, ana, general, { shortId, card: fresh });
  });

  it('shows a person their runs in App Home', async () => {
    const { workspace } = stack;
    const { dev } = workspace.people;
    const { general } = workspace.channels;
    await workspace.as(dev).openHome();
    const empty = await workspace.waitFor(() => workspace.home(dev), { what: 'the Home tab' });
    assert.match(JSON.stringify(empty.blocks), /No other runs yet/);
    const shortId = await startRun(workspace, dev, general, 'prepare the meeting');
    const shows = (text: RegExp) =>
      workspace.waitFor(() => text.test(JSON.stringify(workspace.home(dev)?.blocks)), {
        what: `${text} in App Home, without its being opened again`,
      });
    await shows(new RegExp(`Waiting for you \\(1\\).*${shortId}`));
    const card = await cardOf(workspace, general, shortId, WAITING);
    await workspace.as(dev).click(card, 'Approve');
    await shows(new RegExp(`Nothing waits for you.*Started by you \\(1\\).*Done.*${shortId}`));
  });
});
