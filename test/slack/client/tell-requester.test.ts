import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Workspace } from '../../../sandbox/workspace/index.js';
import type { CardState } from '../../../src/run/card.js';
import type { MessageRef } from '../../../src/run/message.js';
import { createMessenger } from '../../../src/slack/client/messenger.js';
import { createWebClient } from '../../../src/slack/client/web/web.js';
import { createDirectory } from '../../../src/slack/permissions/directory.js';
import { cardWith, waiting } from '../../support/cards.js';
import { decision, plan } from '../../support/samples.js';
import { openMessenger } from '../../support/slack/open-messenger.js';
import { buttonsOf, wordsOf } from '../../support/slack/people.js';

const at = '2026-11-24T10:00:00.000Z';
let workspace: Workspace;
let messenger: ReturnType<typeof createMessenger>;
openMessenger(async (opened) => {
  ({ workspace, messenger } = opened);
  await workspace.invite(leadership());
});

let keys = 0;
const newKey = () => {
  keys += 1;
  return `requester/${keys}`;
};
/** A person, and the run of theirs that each test is about. Dev is not in the private channel. */
const person = (user: string) => ({ team: workspace.team.id, user });
const general = (): string => workspace.channels.general;
const ana = () => person(workspace.people.ana);
const ben = () => person(workspace.people.ben);
const outsider = () => person(workspace.people.dev);
const leadership = (): string => workspace.channels.private;

async function newCard(requester = ana(), channel = general()): Promise<MessageRef> {
  const card = cardWith(waiting(), { requester });
  return await messenger.postCard({ channel, card }, { key: newKey() });
}

/** Tells the requester of the end of their run; returns the messages that notified them, and the card's place. */
async function tell(state: CardState, { requester = ana(), channel = general() } = {}) {
  const ref = await newCard(requester, channel);
  const before = workspace.notified(requester.user).length;
  const card = cardWith(state, { requester });
  const key = newKey();
  const again = () =>
    messenger.tellRequester({ card, at: ref, thread: ref }, { key, lookSince: Date.now() - 60_000 });
  await messenger.tellRequester({ card, at: ref, thread: ref }, { key });
  const notified = () => workspace.notified(requester.user).slice(before);
  return { ref, notified, again };
}
const rejected = (note = ''): CardState => ({
  kind: 'rejected',
  decision: decision({ kind: 'reject', by: ben(), note }),
});

describe('the end of a run', () => {
  it('reaches who asked in one line in the thread, with who, why and a link', async () => {
    const { ref, notified } = await tell(rejected('Too *risky*'));
    const [line, ...more] = notified();
    assert.equal(more.length, 0);
    assert.equal(line?.threadTs, ref.ts);
    const link = `archives/${ref.channel}/p${ref.ts.replace('.', '')}`;
    const said = `:no_entry: <@${ana().user}>: ben rejected your plan \`Release notes for 2.4\`: \`Too *risky*\``;
    assert.equal(line?.text.split(' <http')[0], said);
    assert.ok(line?.text.includes(link), line?.text);
    assert.equal(wordsOf(line), line?.text);
  });

  it('pings nobody else: who decided knows that', async () => {
    const before = workspace.notified(ben().user).length;
    await tell(rejected());
    assert.equal(workspace.notified(ben().user).length, before);
  });

  const ends: [string, () => CardState, RegExp][] = [
    [
      'expired',
      () => ({ kind: 'expired', at }),
      /Nobody decided about your plan `Release notes for 2\.4` in time\. Nothing was done\. </,
    ],
    [
      'was stopped by somebody',
      () => ({ kind: 'cancelled', at, by: ben(), votes: [] }),
      /ben stopped your run `Release notes for 2\.4`\. </,
    ],
    [
      'could not go on',
      () => ({ kind: 'cancelled', at, why: 'nobody is left', votes: [] }),
      /Your run `Release notes for 2\.4` stopped: `nobody is left` </,
    ],
    [
      'failed',
      () => ({
        kind: 'failed',
        failure: { step: 'search', code: 'X', message: 'Overloaded' },
        executionId: 'e',
        votes: [],
      }),
      /Your run `Release notes for 2\.4` failed: `Overloaded` <.*\|Open the card>/,
    ],
    [
      'was ended from outside',
      () => ({ kind: 'gone', at, why: 'terminated' }),
      /Your run .* ended outside Slack/,
    ],
  ];
  for (const [what, state, says] of ends) {
    it(`says that it ${what}`, async () => {
      const { notified } = await tell(state());
      assert.match(notified()[0]?.text ?? '', says);
      assert.equal(notified().length, 1);
    });
  }

  it('reaches somebody who isn’t in the channel directly, with `Start again` for a plan that was not approved', async () => {
    const { ref, notified } = await tell(
      { kind: 'expired', at },
      { requester: outsider(), channel: leadership() },
    );
    const [line, ...more] = notified();
    assert.equal(more.length, 0);
    assert.equal(line?.channel, workspace.dm(outsider().user));
    assert.match(line?.text ?? '', /^:alarm_clock: Nobody decided about your plan.*run `abcd2345`$/);
    assert.deepEqual(line && buttonsOf(line), ['Start again']);
    assert.deepEqual(workspace.thread(ref.channel, ref.ts), [], 'nothing in the thread');
  });

  it('is told once, however often it is tried', async () => {
    for (const place of [{}, { requester: outsider(), channel: leadership() }]) {
      const { notified, again } = await tell(rejected(), place);
      await again();
      assert.equal(notified().length, 1);
    }
  });

  it('goes directly to who asked where Slack takes no post in the channel', async () => {
    const ref = await newCard();
    workspace.restrict(ref.channel);
    const before = workspace.notified(ana().user).length;
    const card = cardWith(rejected(), { requester: ana() });
    await messenger.tellRequester({ card, at: ref, thread: ref }, { key: newKey() });
    workspace.restrict(ref.channel, null);
    const [line, ...more] = workspace.notified(ana().user).slice(before);
    assert.deepEqual([line?.channel, more.length], [workspace.dm(ana().user), 0]);
  });
});

describe('the result of a run', () => {
  const post = (requester: ReturnType<typeof ana>, thread: MessageRef) =>
    messenger.postResult(
      { thread, shortId: 'abcd2345', requester, title: 'Release notes', text: 'All done.' },
      { key: newKey() },
    );

  it('reaches who asked by its own mention, and nothing else tells them', async () => {
    const thread = await newCard();
    const before = workspace.notified(ana().user).length;
    const { ts } = await post(ana(), thread);
    assert.deepEqual(
      workspace
        .notified(ana().user)
        .slice(before)
        .map((message) => message.ts),
      [ts],
    );
  });

  it('reaches who isn’t in the channel directly, with a link', async () => {
    const thread = await newCard(outsider(), leadership());
    const before = workspace.notified(outsider().user).length;
    const { ts } = await post(outsider(), thread);
    const [line, ...more] = workspace.notified(outsider().user).slice(before);
    assert.equal(more.length, 0);
    assert.match(
      line?.text ?? '',
      /^:white_check_mark: Your run `Release notes` is done\. <.*\|Open the result> · run `abcd2345`$/,
    );
    assert.ok(line?.text.includes(ts.replace('.', '')));
  });
});

describe('a new revision', () => {
  const previous = { plan, revision: 1, digest: 'd' };
  const planned = { plan: { ...plan, summary: 'Another one.' }, revision: 2, digest: 'e' };
  const revise = async (
    news: { kind: 'changes' | 'edit'; by: ReturnType<typeof ana> },
    { requester = ana(), channel = general() } = {},
  ) => {
    const card = cardWith(waiting(), { planned, requester });
    const before = workspace.notified(requester.user).length;
    const ref = await messenger.postCard({ channel, card, previous, news }, { key: newKey() });
    // The card itself mentions those for whom it waits.
    const more = workspace.notified(requester.user).slice(before);
    return { ref, notified: more.filter(({ ts }) => ts !== ref.ts) };
  };

  it('reaches who asked, above the comparison in its thread', async () => {
    const { ref, notified } = await revise({ kind: 'changes', by: ben() });
    assert.equal(notified.length, 1);
    assert.equal(notified[0]?.threadTs, ref.ts);
    assert.match(
      notified[0]?.text ?? '',
      /^:pencil2: <@\w+>: ben asked for changes to your plan\. Revision 2 of `Release notes for 2\.4` waits for approval\. <.*\|Open the card>$/,
    );
    assert.match(wordsOf(notified[0]), /What changed/);
    assert.equal(workspace.thread(ref.channel, ref.ts).length, 1);
  });

  it('says so to who asked for the changes themself: that took a while', async () => {
    const { notified } = await revise({ kind: 'changes', by: ana() });
    assert.match(notified[0]?.text ?? '', /Revision 2 of .* is ready, with the changes you asked for\./);
  });

  it('reaches who isn’t in the channel directly', async () => {
    const { ref, notified } = await revise(
      { kind: 'edit', by: ben() },
      { requester: outsider(), channel: leadership() },
    );
    assert.equal(notified.length, 1);
    assert.equal(notified[0]?.channel, workspace.dm(outsider().user));
    assert.match(notified[0]?.text ?? '', new RegExp(`^:pencil2: <@${ben().user}> edited your plan\\.`));
    assert.match(workspace.thread(ref.channel, ref.ts)[0]?.text ?? '', /^What changed/);
  });

  it('reaches who asked also where Slack refuses the comparison', async () => {
    workspace.faults.inject({ kind: 'slow', delayMs: 1, method: 'chat.postMessage' });
    workspace.faults.inject({ kind: 'refuse', error: 'invalid_blocks', method: 'chat.postMessage' });
    const { notified } = await revise({ kind: 'edit', by: ben() });
    assert.equal(notified.length, 1);
    assert.doesNotMatch(wordsOf(notified[0]), /What changed/);
  });
});

describe('a channel in which Slack can’t find the requester in time', () => {
  const method = 'conversations.members';
  const looks = () => workspace.requests.filter((request) => request.method === method).length;
  /** A messenger that remembers nobody yet. */
  const open = () => {
    const client = createWebClient(workspace.credentials.botToken, { slackApiUrl: workspace.apiUrl });
    return createMessenger(client, createDirectory(client));
  };
  const end = async (own: ReturnType<typeof open>, requester = ana()) => {
    const ref = await newCard(requester);
    const before = workspace.notified(requester.user).length;
    const card = cardWith(rejected(), { requester });
    await own.tellRequester({ card, at: ref, thread: ref }, { key: newKey() });
    // The card itself mentions those for whom it waits.
    const more = workspace.notified(requester.user).slice(before);
    return { ref, notified: more.filter(({ ts }) => ts !== ref.ts) };
  };

  for (const [what, fault] of [
    ['is limited', { kind: 'ratelimited', retryAfterS: 60 }],
    ['fails', { kind: 'error-500' }],
    ['is slow', { kind: 'slow', delayMs: 8_000 }],
  ] as const) {
    it(`takes the mention in the thread, and nothing waits for long, when Slack ${what}`, async () => {
      workspace.faults.inject({ ...fault, method, times: 0 });
      const startedAt = Date.now();
      const { ref, notified } = await end(open());
      assert.ok(Date.now() - startedAt < 6_000);
      assert.deepEqual(
        notified.map(({ threadTs }) => threadTs),
        [ref.ts],
      );
    });
  }

  it('is asked for a person once in a while, and again after a failure', async () => {
    const own = open();
    workspace.faults.inject({ kind: 'error-500', method });
    const before = looks();
    for (const _ of [1, 2, 3]) await end(own);
    assert.equal(looks(), before + 2);
    await end(own, ben());
    assert.equal(looks(), before + 3);
  });
});
