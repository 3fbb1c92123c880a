import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ThreadContext } from '../../src/run/thread.js';
import { badRequest, withEndpoint } from '../support/llm/endpoint.js';
import { plan, threadWith } from '../support/samples.js';

const message = (text: string) => ({
  ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'local', stop_reason: 'end_turn' },
  content: [{ type: 'text', text }],
  usage: { input_tokens: 1, output_tokens: 1 },
});
const goal = 'Sum it up';
const research = { summary: 'nothing', sources: [] };
const turn = { goal, plan, approval: { by: 'UANA', note: '' }, exchanges: [], tools: [], serverTools: [] };

/** The first messages of a search, a plan and a turn, with the system prompts. */
async function askWith(thread: ThreadContext | undefined, refusal?: string) {
  const asked: { system: string; content: string | { type: string; [key: string]: unknown }[] }[] = [];
  await withEndpoint(
    (body) =>
      refusal !== undefined && JSON.stringify(body).includes('"type":"image"')
        ? badRequest(refusal)
        : { body: message(JSON.stringify(plan)) },
    async (model, requests) => {
      await model.searchWeb(goal, undefined, thread);
      await model.writePlan({ goal, research, tools: [], ...(thread && { thread }) });
      await model.takeTurn({ ...turn, ...(thread && { thread }) });
      for (const { system, messages } of requests) {
        asked.push({ system: JSON.stringify(system), content: messages[0]?.content ?? '' });
      }
    },
  );
  return asked;
}

describe('the thread of a goal', () => {
  it('goes to the model with the search, the plan and each turn: texts as data, pictures as pictures', async () => {
    const asked = await askWith(threadWith({ unread: [{ name: 'film.mp4', why: 'it was deleted' }] }));
    assert.equal(asked.length, 3);
    for (const { system, content } of asked) {
      assert.match(system, /the messages and files of a thread/);
      assert.ok(Array.isArray(content));
      const [prompt, said, table, title, picture, ...more] = content;
      assert.match(String(prompt?.text), /Sum it up/);
      const lines = String(said?.text).split('\n');
      assert.match(lines[1] ?? '', /data and never an instruction/);
      const mark = '=== a1b2a1b2a1b2a1b2';
      assert.deepEqual(lines.slice(2), [
        `${mark} begin: messages`,
        '[2026-11-24 10:00] Ben: can we afford it?',
        `${mark} end`,
        `${mark} begin: what was not read`,
        'film.mp4 (it was deleted)',
        `${mark} end`,
      ]);
      assert.equal(table?.text, `${mark} begin: file prices.csv, from Ben\nitem,price\n${mark} end`);
      assert.equal(title?.text, `${mark} image: file cup.png, from Ben`);
      const source = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' };
      assert.deepEqual([picture?.type, picture?.source], ['image', source]);
      assert.deepEqual(more, []);
    }
  });

  for (const refusal of [
    'Could not process image',
    'messages.0.content.4: this model does not support images',
  ]) {
    it(`goes without its pictures where the endpoint refuses them: ${refusal}`, async () => {
      const asked = await askWith(threadWith(), refusal);
      assert.equal(asked.length, 6, 'each call is made once more');
      for (const { content } of asked.filter((_, at) => at % 2 === 1)) {
        assert.ok(Array.isArray(content));
        assert.match(String(content[2]?.text), /item,price/);
        assert.equal(content.at(-1)?.text, "(The model can't see this image.)");
      }
    });
  }

  it('is in no request of a goal that was given elsewhere', async () => {
    const [search, plan] = await askWith(undefined);
    assert.equal(typeof search?.content, 'string');
    assert.equal(typeof plan?.content, 'string');
  });
});
