import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Message, Workspace } from '../../../sandbox/workspace/index.js';
import type { Card } from '../../../src/run/card.js';
import type { MessageRef } from '../../../src/run/message.js';
import type { PlanRevision } from '../../../src/run/plan.js';
import type { createMessenger } from '../../../src/slack/client/messenger.js';
import { cardWith, waiting } from '../../support/cards.js';
import { ana, decision, plan } from '../../support/samples.js';
import { openMessenger } from '../../support/slack/open-messenger.js';
import { buttonsOf, wordsOf } from '../../support/slack/people.js';

const SAMPLES = {
  'sixty thousand characters': 'A sentence of some length, to be read. '.repeat(1_540),
  'a thousand lines': Array.from({ length: 1_000 }, (_, line) => `Line ${line} of the text`).join('\n'),
  'emoji and right-to-left text': '👩‍👩‍👧‍👦 مرحبا بالعالم، שלום עולם 🏳️‍🌈 漢字かな交じり文 '.repeat(300),
  'no space anywhere': '🙂x'.repeat(10_000),
};

/** Text without the white space at which it may have been split. */
const bare = (text: string) => text.replaceAll(/\s+/g, '');

/** Goal and plan of a card, with the rest of them in its thread. */
function contentOf(workspace: Workspace, { channel, ts }: MessageRef): string {
  const card = wordsOf(workspace.messages(channel).find((message) => message.ts === ts));
  const [shown = ''] = card.split(':thread: In the thread');
  return [shown, ...workspace.thread(channel, ts).map(wordsOf)].join('');
}

let workspace: Workspace;
let messenger: ReturnType<typeof createMessenger>;
openMessenger((opened) => {
  ({ workspace, messenger } = opened);
});

/** Posts a card into the general channel. */
function postCard(
  card: Card,
  once: { key: string; lookSince?: number },
  own: { previous?: PlanRevision } = {},
): Promise<MessageRef> {
  return messenger.postCard({ channel: workspace.channels.general, card, ...own }, once);
}

/** Makes the next upload of a file impossible, as it is where the app lacks the scope. */
function withoutFiles(): void {
  workspace.faults.inject({
    kind: 'refuse',
    error: 'missing_scope',
    method: 'files.getUploadURLExternal',
    times: 10,
  });
}

describe('text of any size', () => {
  for (const [what, text] of Object.entries(SAMPLES)) {
    it(`arrives whole in a plan, and stays through the update: ${what}`, async () => {
      const { general } = workspace.channels;
      const planned = {
        plan: { ...plan, steps: [{ title: 'Read', detail: text }] },
        revision: 1,
        digest: 'd',
      };
      const ref = await postCard(cardWith(waiting(), { planned }), { key: `card/${what}` });
      const words = () => contentOf(workspace, ref);
      assert.ok(bare(words()).includes(bare(text)), 'the post');
      const card = cardWith({ kind: 'executing', votes: [decision()] }, { planned });
      await messenger.updateCard({ ref, card });
      assert.ok(bare(words()).includes(bare(text)), 'the update');
      const shown = workspace.messages(general).find(({ ts }) => ts === ref.ts);
      assert.ok(wordsOf(shown).includes('*Working* on it'));
    });

    it(`arrives whole as a result: ${what}`, async () => {
      const { general } = workspace.channels;
      const thread = await postCard(cardWith(waiting()), { key: `thread/${what}` });
      withoutFiles();
      const result = { thread, shortId: 'abcd2345', requester: ana, title: 'A run', text };
      await messenger.postResult(result, { key: `result/${what}` });
      const words = workspace.thread(general, thread.ts).map(wordsOf).join('');
      const parts = words.replaceAll(/Part \d+ of \d+/g, '');
      assert.ok(bare(parts).includes(bare(text)));
    });
  }

  it('takes a goal of ten thousand characters', async () => {
    const goal = 'goal '.repeat(2_000).trim();
    const ref = await postCard(cardWith(waiting(), { goal }), { key: 'goal' });
    assert.ok(bare(contentOf(workspace, ref)).includes(bare(goal)));
  });
});

describe('a post that goes wrong', () => {
  for (const fault of [
    { kind: 'drop' },
    { kind: 'lose-answer' },
    { kind: 'error-500' },
    { kind: 'ratelimited', retryAfterS: 2 },
    { kind: 'refuse', error: 'invalid_blocks' },
  ] as const) {
    it(`is sent once after ${fault.kind}: whether to try again is Temporal's to say`, async () => {
      const before = workspace.requests.length;
      workspace.faults.inject({ ...fault, method: 'chat.postMessage' });
      const since = Date.now();
      const post = (lookSince?: number) =>
        postCard(cardWith(waiting()), {
          key: `faults/${fault.kind}`,
          ...(lookSince && { lookSince }),
        });
      await assert.rejects(post(), (error: { retryable: boolean; retryAfterMs?: number }) => {
        assert.equal(error.retryable, fault.kind !== 'refuse');
        assert.equal(error.retryAfterMs, fault.kind === 'ratelimited' ? 2_000 : undefined);
        return true;
      });
      const methods = () => workspace.requests.slice(before).map(({ method }) => method);
      assert.deepEqual(methods(), ['chat.postMessage']);
      await post(since - 1_000);
      const again = fault.kind === 'lose-answer' ? [] : ['chat.postMessage'];
      assert.deepEqual(methods(), ['chat.postMessage', 'conversations.history', ...again]);
    });
  }
});

describe('a card of which Slack takes only a part', () => {
  const general = () => workspace.channels.general;
  const previous = { plan, revision: 1, digest: 'd' };
  const planned = { plan: { ...plan, summary: 'Another one.' }, revision: 2, digest: 'e' };
  const longPlan = { ...plan, steps: [{ title: 'Read', detail: 'word '.repeat(8_000) }] };
  const method = 'chat.postMessage';
  /** Slack takes the card, and not what belongs under it. */
  const thenOnly = (fault: { kind: 'refuse'; error: string } | { kind: 'ratelimited' }) => {
    workspace.faults.inject({ kind: 'slow', delayMs: 1, method });
    workspace.faults.inject({ ...fault, method });
  };
  const refuseTheRest = () => thenOnly({ kind: 'refuse', error: 'invalid_blocks' });
  const shown = ({ ts }: MessageRef) =>
    workspace.messages(general()).find((message) => message.ts === ts) as Message;

  it('waits without the comparison to the revision before', async () => {
    refuseTheRest();
    const card = cardWith(waiting(), { planned });
    const ref = await postCard(card, { key: 'compared' }, { previous });
    assert.deepEqual(workspace.thread(general(), ref.ts), []);
    assert.ok(buttonsOf(shown(ref)).includes('Approve'));
  });

  it('has its buttons after everything that belongs to it', async () => {
    const before = workspace.requests.length;
    await postCard(cardWith(waiting(), { planned: { ...planned, plan: longPlan } }), { key: 'order' });
    const calls = workspace.requests.slice(before).map(({ method: name }) => name);
    assert.deepEqual(new Set(calls.slice(0, -1)), new Set([method]));
    assert.equal(calls.at(-1), 'chat.update');
    const short = workspace.requests.length;
    await postCard(cardWith(waiting(), { planned }), { key: 'short' });
    const shortCalls = workspace.requests.slice(short).map(({ method: name }) => name);
    assert.deepEqual(shortCalls, [method], 'a plan that fits costs one call');
  });

  it('is taken back when the rest of its plan can’t be read: nobody decides on it', async () => {
    refuseTheRest();
    const known = workspace.messages(general()).length;
    const card = cardWith(waiting(), { planned: { ...planned, plan: longPlan } });
    await assert.rejects(postCard(card, { key: 'rest' }), /invalid_blocks/);
    assert.equal(workspace.messages(general()).length, known);
  });

  it('stays while the rest can still come, without buttons, and has it once', async () => {
    thenOnly({ kind: 'ratelimited' });
    const card = cardWith(waiting(), { planned: { ...planned, plan: longPlan } });
    const since = Date.now() - 1_000;
    const known = workspace.messages(general()).length;
    await assert.rejects(postCard(card, { key: 'later' }), { retryable: true });
    const [early] = workspace.messages(general()).slice(known);
    assert.deepEqual(buttonsOf(early as Message), []);
    assert.match(wordsOf(early), /The buttons appear when it is complete/);
    workspace.faults.inject({ kind: 'ratelimited', method: 'chat.update' });
    await assert.rejects(postCard(card, { key: 'later', lookSince: since }), { retryable: true });
    assert.deepEqual(buttonsOf(early as Message), []);
    const ref = await postCard(card, { key: 'later', lookSince: since });
    const posted = workspace.messages(general()).slice(known);
    assert.equal(posted.filter(({ threadTs }) => !threadTs).length, 1);
    assert.ok(buttonsOf(shown(ref)).includes('Approve'));
    assert.doesNotMatch(wordsOf(shown(ref)), /posting the rest/);
    const words = contentOf(workspace, ref);
    assert.equal(words.match(/word/g)?.length, 8_000);
  });
});
