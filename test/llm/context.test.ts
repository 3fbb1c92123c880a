import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import {
  type SimulatedModel,
  type SimulatedModelOptions,
  startSimulatedModel,
} from '../../sandbox/model/index.js';
import { createModel } from '../../src/llm/index.js';
import { type Exchange, resultBlock, textBlock } from '../../src/run/execution/conversation.js';
import { badRequest, withEndpoint } from '../support/llm/endpoint.js';
import { carryOut, MARK_STEP, TODO_TOOLS } from '../support/llm/turns.js';
import { plan } from '../support/samples.js';

/** An answer of 50 KB: some 12,500 tokens. */
const LONG = 'one more line of what there is to read\n'.repeat(1_280);
const MB = 1_000_000;

async function withModel(
  options: SimulatedModelOptions,
  test: (model: ReturnType<typeof createModel>, simulated: SimulatedModel) => Promise<void>,
): Promise<void> {
  const simulated = await startSimulatedModel(options);
  try {
    const { apiKey, url: baseURL } = simulated;
    await test(createModel({ apiKey, baseURL, model: 'claude-haiku-4-5' }), simulated);
  } finally {
    await simulated.stop();
  }
}

/** Makes calls one by one, each with a long answer. Resolves with the largest conversation between two turns, in bytes. */
async function readOneByOne(model: ReturnType<typeof createModel>, calls: number) {
  let largest = 0;
  const input = { goal: `Read all there is, one by one ${calls}`, plan, tools: [...TODO_TOOLS, MARK_STEP] };
  const onTurn = (exchanges: object) => {
    largest = Math.max(largest, JSON.stringify(exchanges).length);
  };
  const carried = await carryOut(model, input, () => LONG, { most: calls + 1, onTurn });
  return { ...carried, largest };
}

describe('a conversation that grows beyond the model’s context', () => {
  for (const [where, calls, editsContext] of [
    ['by the API', 150, true],
    ['by us, at an endpoint that can’t', 100, false],
  ] as const) {
    it(`ends with a real result after ${calls} calls with 50 KB each: old results are cleared ${where}`, async () => {
      await withModel({ editsContext }, async (model, simulated) => {
        const { turns, result, largest } = await readOneByOne(model, calls);
        assert.equal(turns.length, calls + 1);
        assert.match(result, new RegExp(`${calls} calls were made`));
        assert.ok(largest < 2 * MB, `${largest} bytes are sent from turn to turn at most`);
        const tokens = turns.map(({ usage }) => usage.inputTokens);
        assert.ok(Math.max(...tokens) < 200_000, `${Math.max(...tokens)} tokens in a turn at most`);
        assert.equal(turns.filter(({ notes }) => notes).length, 0, 'a summary was not needed');
        const messages = simulated.requests.filter(({ path }) => path === '/v1/messages');
        const asked = messages.filter(({ body }) => body.context_management);
        assert.ok(
          editsContext ? asked.length > 100 : asked.length === 1,
          'what it doesn’t know is tried once',
        );
        if (editsContext) assert.equal(messages.length, calls + 1, 'no request was in vain');
        else assert.ok(simulated.requests.some(({ path }) => path.endsWith('count_tokens')));
      });
    });
  }

  it('is summed up when clearing is not enough, and goes on: nothing is done twice, and people hear of it', async () => {
    await withModel({ contextTokens: 17_000 }, async (model) => {
      const calls = 150;
      const { turns, result } = await readOneByOne(model, calls);
      assert.equal(turns.filter(({ end }) => end === 'calls').length, calls);
      assert.match(result, /### What was done/);
      const notes = turns.flatMap(({ notes = [] }) => notes);
      assert.match(notes[0] ?? '', /became too long for the model, so a summary took the place/);
      assert.ok(notes.length <= 3, `${notes.length} summaries for ${calls} calls`);
    });
  });

  it('leaves an older model less room to answer, before anything is cleared', async () => {
    await withModel({ contextTokens: 60_000, refusesLimit: true }, async (model, simulated) => {
      const { turns, result } = await readOneByOne(model, 6);
      assert.match(result, /6 calls were made/);
      const limits = simulated.requests.map(({ body }) => body.max_tokens ?? 0);
      const lowered = limits.find((limit) => limit < 32_000) ?? 0;
      assert.ok(lowered >= 16_000, `${lowered} tokens`);
      assert.ok(
        turns.some(({ edits }) => edits?.cleared),
        'then old results are cleared',
      );
    });
  });

  it('may grow in one turn: fifty answers of 50 KB at once are cleared until the rest fits', async () => {
    await withModel({}, async (model) => {
      const input = { goal: 'Drill: parallel 50 on the to-do list', plan, tools: [...TODO_TOOLS, MARK_STEP] };
      const { turns, result } = await carryOut(model, input, () => LONG);
      assert.match(result, /50 calls were made/);
      assert.ok((turns[1]?.edits?.cleared ?? 0) > 30);
    });
  });

  it('is not cut to what is new where the model’s own words make it long: each answer is read once at least', async () => {
    const read = (at: number): Exchange[] => [
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: `c${at}`, name: 'todo__add_todo', input: { title: LONG } }],
      },
      {
        role: 'user',
        content: [resultBlock(`c${at}`, [textBlock(`Answer ${at}: ${'so '.repeat(300)}`)], false)],
      },
    ];
    const exchanges = Array.from({ length: 12 }, (_, at) => read(at)).flat();
    const input = { goal: 'Write it all', plan, approval: { by: 'UANA', note: '' }, tools: TODO_TOOLS };
    await withEndpoint(
      (body) =>
        'context_management' in body
          ? badRequest('context_management: Extra inputs are not permitted')
          : { body: { content: [textBlock('Done.')], stop_reason: 'end_turn' } },
      async (model, requests) => {
        for (const _ of [1, 2, 3]) {
          const turn = await model.takeTurn({ ...input, serverTools: [], exchanges });
          assert.deepEqual([turn.text, turn.edits], ['Done.', undefined]);
        }
        assert.equal(requests.length, 4, 'no summary is asked for');
        assert.match(JSON.stringify(requests.at(-1)), /Answer 11: so so/);
        const ids = Array.from({ length: 12 }, (_, at) => `n${at}`);
        const call = (id: string) => ({ type: 'tool_use', id, name: 'todo__list_todos', input: {} });
        const together: Exchange[] = [
          { role: 'assistant', content: ids.map(call) },
          { role: 'user', content: ids.map((id) => resultBlock(id, [textBlock(LONG)], false)) },
        ];
        const all = [...exchanges, ...together];
        const turn = await model.takeTurn({ ...input, serverTools: [], exchanges: all });
        assert.deepEqual(turn.edits, { cleared: 12 }, 'those that came together are all read');
      },
    );
  });

  it('is not waited for where its tokens are never counted', async () => {
    const long = resultBlock('c1', [textBlock(LONG.repeat(8))], false);
    const exchanges: Exchange[] = [
      { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'todo__list_todos', input: {} }] },
      { role: 'user', content: [long] },
    ];
    const input = { goal: 'Read', plan, approval: { by: 'UANA', note: '' }, tools: TODO_TOOLS };
    const simulated = await startSimulatedModel({ editsContext: false });
    const silent: typeof fetch = (url, init) =>
      /count_tokens/.test(String(url))
        ? new Promise((_, reject) => {
            const fail = () => reject(new Error('aborted'));
            if (init?.signal?.aborted) fail();
            init?.signal?.addEventListener('abort', fail);
          })
        : fetch(url, init);
    try {
      const { apiKey, url: baseURL } = simulated;
      const settings = { apiKey, baseURL, model: 'claude-haiku-4-5' };
      const patienceMs = { search: 2_000, plan: 2_000, turn: 2_000 };
      const client = new Anthropic({ apiKey, baseURL, maxRetries: 0, fetch: silent });
      const model = createModel({ ...settings, patienceMs }, client);
      const turn = { ...input, serverTools: [], exchanges };
      for (const _ of [1, 2]) assert.equal((await model.takeTurn(turn)).end, 'done');
      const began = Date.now();
      await assert.rejects(model.takeTurn(turn, AbortSignal.timeout(100)));
      assert.ok(Date.now() - began < 1_500, 'a cancellation ends it');
    } finally {
      await simulated.stop();
    }
  });

  it('tells the model never to repeat a change whose result was cleared', async () => {
    await withModel({}, async (model) => {
      const { exchanges } = await readOneByOne(model, 12);
      const [first, ...others] = exchanges
        .flatMap(({ content }) => content)
        .filter(({ type }) => type === 'tool_result');
      assert.match(JSON.stringify(first?.content), /The call itself was made: never repeat a change/);
      assert.equal(JSON.stringify(others.at(-1)?.content).includes('one more line'), true);
    });
  });
});
