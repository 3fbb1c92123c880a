import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Message } from '../../sandbox/workspace/index.js';
import { PNG, pdfWith } from '../support/files.js';
import { type Stack, startStack } from '../support/product/stack.js';
import { shortIdIn, toldPrivately, WAITING, wordsOf } from '../support/slack/people.js';

describe('a mention in a thread, in Slack', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack();
  });
  after(() => stack.stop());

  /** Text of the model's requests of a kind about a goal, and the types of their blocks. */
  function askedFor(start: string, goal: string): { words: string; types: string[] }[] {
    return stack.model.requests.flatMap(({ body }) => {
      const content = body.messages?.[0]?.content ?? [];
      const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
      const words = blocks.map(({ text }) => text ?? '').join('\n');
      const isIt = words.startsWith(start) && words.includes(goal);
      return isIt ? [{ words, types: blocks.map(({ type }) => type) }] : [];
    });
  }

  it('gives the model what was said, the CSV, the PDF and the picture; the card says so, and the execution has them too', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana, ben } = workspace.people;
    const root = await workspace.as(ben).send(general, 'Which cups do we buy?', undefined, [
      { name: 'prices.csv', content: 'item,price\nblue cup,12' },
      { name: 'offer.pdf', content: pdfWith(['Red cups at half price']) },
      { name: 'film.mp4', content: 'not for a model' },
    ]);
    const goal = 'write the order down';
    const mention = `<@${workspace.botUser}> ${goal}`;
    await workspace.as(ana).send(general, mention, root.ts, [{ name: 'cup.png', content: PNG }]);
    const told = await toldPrivately(workspace, ana, new RegExp(goal));
    const shortId = shortIdIn(told.text);
    const inThread = (state: RegExp): Message | undefined =>
      workspace
        .thread(general, root.ts)
        .find((message) => state.test(message.text) && wordsOf(message).includes(shortId));
    const card = await workspace.waitFor(() => inThread(WAITING), { what: 'the card', timeoutMs: 20_000 });
    const reading =
      "Read 1 message and 3 files of the thread: `prices.csv`, `offer.pdf`, `cup.png` · Not read: `film.mp4` (its type (Binary) can't be read)";
    assert.ok(wordsOf(card).includes(reading), wordsOf(card));
    assert.match(wordsOf(card), /It goes by prices\.csv, offer\.pdf, cup\.png\./);

    await workspace.as(ana).click(card, 'Approve');
    await workspace.waitFor(() => inThread(/^Done/), { what: 'the end', timeoutMs: 20_000 });
    for (const start of ['Research this goal:', 'Create an action plan for:', 'Execute:']) {
      const [asked] = askedFor(start, goal);
      for (const words of ['Ben Okafor: Which cups do we buy?', 'blue cup,12', 'Red cups at half price']) {
        assert.ok(asked?.words.includes(words), `${start} ${words}`);
      }
      assert.ok(asked?.types.includes('image'), start);
    }
  });

  it('reads the files of a mention that stands alone, and nothing for a plain one', async () => {
    const { workspace } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    const say = async (goal: string, files: { name: string; content: string }[]) => {
      await workspace.as(ana).send(general, `<@${workspace.botUser}> ${goal}`, undefined, files);
      const shortId = shortIdIn((await toldPrivately(workspace, ana, new RegExp(goal))).text);
      return await workspace.waitFor(
        () =>
          workspace
            .messages(general)
            .find((message) => WAITING.test(message.text) && wordsOf(message).includes(shortId)),
        { what: `the card for ${goal}`, timeoutMs: 20_000 },
      );
    };
    workspace.requests.length = 0;
    assert.doesNotMatch(wordsOf(await say('plain goal', [])), /of the thread/);
    assert.ok(!workspace.requests.some(({ method }) => method === 'conversations.replies'));
    const card = await say('goal with notes', [{ name: 'notes.txt', content: 'buy milk' }]);
    assert.match(wordsOf(card), /Read 1 file of the thread: `notes\.txt`/);
    assert.ok(askedFor('Create an action plan for:', 'goal with notes')[0]?.words.includes('buy milk'));
  });
});
