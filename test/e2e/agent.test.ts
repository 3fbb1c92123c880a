import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Message, Workspace } from '../../sandbox/workspace/index.js';
import { type Stack, startStack } from '../support/product/stack.js';
import { shortIdIn, startWaitingRun, WAITING } from '../support/slack/people.js';

const STATUS = ['agents.sessions.setStatus', 'assistant.threads.setStatus'];

/** The app's messages in the thread under a message. */
const answersTo = (workspace: Workspace, { channel, ts }: Message): Message[] =>
  workspace.thread(channel, ts).filter(({ user }) => user === workspace.botUser);

/** A message of the app in the thread, once its text matches. */
function answer(workspace: Workspace, root: Message, text: RegExp): Promise<Message> {
  return workspace.waitFor(() => answersTo(workspace, root).find((message) => text.test(message.text)), {
    what: `${text} in the thread`,
    timeoutMs: 20_000,
  });
}

const waitsFor = (workspace: Workspace, root: Message, status: string) =>
  workspace.waitFor(() => workspace.session(root)?.status === status, {
    what: `the status ${status}`,
    timeoutMs: 20_000,
  });

/** Words that a thread's status had, in order. */
const wordsIn = (workspace: Workspace, { ts }: Message): unknown[] =>
  workspace.requests
    .filter(({ method, args }) => method === STATUS[1] && args.thread_ts === ts)
    .map(({ args }) => args.status);

describe('a direct message to the app in Slack', () => {
  let stack: Stack;
  before(async () => {
    const manifest = readFileSync('manifest.yml', 'utf8');
    stack = await startStack({ workspace: { manifest, eventRetries: { pausesMs: [0, 50, 100] } } });
  });
  after(() => stack.stop());
  afterEach(() => stack.workspace.faults.clear());

  it('gets its plan, its questions and its result in its thread, which says what the agent does', async () => {
    const { workspace } = stack;
    const { ana } = workspace.people;
    const root = await workspace.as(ana).message('compare two vendors');
    const card = await answer(workspace, root, WAITING);
    await waitsFor(workspace, root, 'suspended');
    assert.deepEqual(wordsIn(workspace, root), ['is researching…', 'is writing a plan…']);
    assert.equal(workspace.session(root)?.words, undefined);
    assert.equal(workspace.session(root)?.title, 'compare two vendors');
    await workspace.as(ana).click(card, 'Approve');
    await answer(workspace, root, /^Done/);
    await waitsFor(workspace, root, 'active');
    assert.ok(wordsIn(workspace, root).includes('is carrying out the plan…'));
    await workspace.as(ana).message('now only the cheaper one', { threadTs: root.ts });
    await answer(workspace, root, /continue from the result of run/);
    await workspace.waitFor(
      () => answersTo(workspace, root).filter(({ text }) => WAITING.test(text)).length === 1,
      { what: 'the card of the follow-up', timeoutMs: 20_000 },
    );
  });

  it('is told in its thread what failed, with Retry', async () => {
    const { workspace, model } = stack;
    const { chloe } = workspace.people;
    model.faults.inject({ kind: 'error', status: 400, match: 'search' });
    const root = await workspace.as(chloe).message('compare three vendors');
    const failed = await answer(workspace, root, /failed/i);
    await waitsFor(workspace, root, 'active');
    await workspace.as(chloe).click(failed, 'Retry');
    await answer(workspace, root, WAITING);
    await waitsFor(workspace, root, 'suspended');
  });

  it('starts one run though Slack brings it again, and goes on when the status can’t be shown', async () => {
    const { workspace } = stack;
    for (const method of STATUS) workspace.faults.inject({ kind: 'error-500', method, times: 50 });
    const root = await workspace.as(workspace.people.ben).message('draft the notes', { redeliver: 2 });
    const { text } = await answer(workspace, root, /has started/);
    await answer(workspace, root, WAITING);
    const cards = answersTo(workspace, root).filter((message) => WAITING.test(message.text));
    assert.deepEqual([cards.length, answersTo(workspace, root).length], [1, 2]);
    assert.ok(cards[0] && JSON.stringify(cards[0].blocks).includes(shortIdIn(text)));
  });

  it('shows Slack’s stop button while the agent works, for those who may stop the run', async () => {
    const { workspace, model } = stack;
    const { ana, ben } = workspace.people;
    const { general } = workspace.channels;
    model.faults.inject({ kind: 'hang', match: 'search' });
    const root = await workspace.as(ana).mention(general, 'compare four vendors');
    await waitsFor(workspace, root, 'processing');
    await workspace.as(ben).stopSession(general, root.ts);
    await workspace.waitFor(
      () => workspace.ephemerals(ben).some(({ text }) => /Only the person who asked/.test(text)),
      { what: 'the refusal' },
    );
    assert.equal(workspace.session(root)?.status, 'processing');
    await workspace.as(ana).stopSession(general, root.ts);
    await workspace.waitFor(
      () => workspace.ephemerals(ana).some(({ text }) => /I'm stopping run/.test(text)),
      { what: 'the word' },
    );
    await waitsFor(workspace, root, 'active');
    const shortId = shortIdIn(
      workspace.ephemerals(ana).find(({ text }) => /has started/.test(text))?.text ?? '',
    );
    await stack.ended(shortId);
  });

  it('is the only kind of run beside mentions that asks Slack to show a status', async () => {
    const { workspace } = stack;
    const before = workspace.requests.length;
    await startWaitingRun(workspace, workspace.people.ana, workspace.channels.general, 'draft a menu');
    const called = workspace.requests.slice(before).map(({ method }) => method);
    assert.deepEqual(
      called.filter((method) => STATUS.includes(method)),
      [],
    );
  });
});
