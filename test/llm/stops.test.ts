import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type SimulatedModel, startSimulatedModel } from '../../sandbox/model/index.js';
import { createModel } from '../../src/llm/index.js';
import { RemoteError } from '../../src/platform/errors.js';
import { badRequest, withEndpoint } from '../support/llm/endpoint.js';
import { simulatedModelForTests } from '../support/llm/simulated-model.js';
import { carryOut, MARK_STEP, TODO_TOOLS } from '../support/llm/turns.js';
import { plan } from '../support/samples.js';

const goal = 'Draft the release notes for 2.4';
const research = { summary: '', sources: [] };
const assignment = { goal, plan, approval: { by: 'UANA', note: '' }, serverTools: [] };
const LIST = '1. [ ] Renew the domain';
const todos = { ...assignment, goal: 'What is on our to-do list?', tools: [...TODO_TOOLS, MARK_STEP] };

let simulated: SimulatedModel;
const modelWith = (own: { model?: string; fallbackModel?: string } = {}) =>
  createModel({ apiKey: simulated.apiKey, baseURL: simulated.url, model: 'claude-sonnet-5-5', ...own });
const limits = () => simulated.requests.map(({ body }) => body.max_tokens);
const failed = (code: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RemoteError, String(error));
  assert.deepEqual([error.code, error.retryable], [code, false], error.message);
  assert.match(error.message, words);
  return true;
};

simulatedModelForTests((started) => {
  simulated = started;
});

describe('an answer whose limit went into thinking', () => {
  it('is asked for again with a higher limit: the search, the plan, a turn', async () => {
    const model = modelWith();
    simulated.faults.inject({ kind: 'thinks', tokens: 9_000, match: 'search', times: 2 });
    assert.match((await model.searchWeb(goal)).research.summary, /What matters/);
    assert.deepEqual(limits(), [8_000, 32_000]);
    simulated.requests.length = 0;
    simulated.faults.inject({ kind: 'thinks', tokens: 30_000, match: 'plan', times: 2 });
    const { plan: written, usage } = await model.writePlan({ goal, research, tools: [] });
    assert.ok(written.steps.length >= 3);
    assert.deepEqual(limits(), [12_000, 48_000]);
    assert.ok(usage.outputTokens > 12_000 + 30_000, 'all of it was paid');
    simulated.requests.length = 0;
    simulated.faults.inject({ kind: 'thinks', tokens: 40_000, match: 'turn', times: 2 });
    const turn = await model.takeTurn({ ...todos, exchanges: [] });
    assert.equal(turn.end, 'calls');
    assert.deepEqual(limits(), [32_000, 128_000]);
  });

  it('fails in words once the limit is as high as it goes, and is not paid for five times more', async () => {
    const model = modelWith();
    simulated.faults.inject({ kind: 'thinks', tokens: 500_000, times: 100 });
    const spent = /spent all of its 48,000 tokens for the plan on thinking, and wrote nothing/;
    await assert.rejects(model.writePlan({ goal, research, tools: [] }), failed('ThoughtOnly', spent));
    assert.deepEqual(limits(), [12_000, 48_000]);
    simulated.requests.length = 0;
    const turn = model.takeTurn({ ...todos, exchanges: [] });
    await assert.rejects(turn, failed('ThoughtOnly', /128,000 tokens for a turn on thinking/));
    assert.deepEqual(limits(), [32_000, 128_000]);
  });

  it('has the limit of a model that writes less', async () => {
    const small = await startSimulatedModel();
    try {
      const model = createModel({
        apiKey: small.apiKey,
        baseURL: small.url,
        model: 'claude-3-5-haiku-20241022',
      });
      assert.equal((await model.takeTurn({ ...todos, exchanges: [] })).end, 'calls');
      assert.ok((await model.writePlan({ goal, research, tools: [] })).plan.steps.length >= 3);
      const asked = small.requests.map(({ body }) => body.max_tokens);
      assert.deepEqual(asked, [8_192, 8_192], 'refused once, then known');
    } finally {
      await small.stop();
    }
  });

  it('is not asked for again unchanged by a model that writes no more', async () => {
    const small = 'claude-3-5-haiku-20241022';
    simulated.faults.inject({ kind: 'thinks', tokens: 500_000, times: 100 });
    const spent = failed('ThoughtOnly', /all of its 8,192 tokens/);
    await assert.rejects(modelWith({ model: small }).writePlan({ goal, research, tools: [] }), spent);
    await assert.rejects(modelWith({ model: small }).takeTurn({ ...todos, exchanges: [] }), spent);
    assert.deepEqual(limits(), [8_192, 8_192], 'each is asked once');
  });

  it('that is merely empty is asked for once more, and its stop reason is said', async () => {
    await withEndpoint(
      () => ({ body: { content: [], stop_reason: 'end_turn' } }),
      async (model, requests) => {
        const plan = model.writePlan({ goal, research, tools: [] });
        await assert.rejects(
          plan,
          failed('EmptyAnswer', /answered nothing for the plan, twice \(it stopped with "end_turn"\)/),
        );
        assert.equal(requests.length, 2);
      },
    );
  });
});

describe('a refusal', () => {
  const details = {
    category: 'cyber',
    explanation: 'This request was declined because it could enable cyber harm.',
  };
  const refuse = (own: object = {}) =>
    simulated.faults.inject({ kind: 'stop-reason', reason: 'refusal', details, times: 9, ...own });

  it('shows its category and its words, and what helps', async () => {
    refuse();
    const words =
      /refused to write the plan\. claude-sonnet-5-5 refused \(category cyber\): “This request was declined.*” Word the goal differently\. Or set ANTHROPIC_FALLBACK_MODEL/;
    await assert.rejects(modelWith().writePlan({ goal, research, tools: [] }), failed('Refused', words));
    const turn = await modelWith().takeTurn({ ...todos, exchanges: [] });
    assert.equal(turn.end, 'refused');
    assert.match(turn.refusal ?? '', /refused to go on\. claude-sonnet-5-5 refused \(category cyber\)/);
  });

  it('is answered by the fallback model, which then stays, and people hear of it', async () => {
    refuse({ model: 'claude-sonnet-5-5' });
    const model = modelWith({ fallbackModel: 'claude-opus-4-8' });
    const written = await model.writePlan({ goal, research, tools: [] });
    assert.match(
      written.plan.risks.at(-1) ?? '',
      /^claude-sonnet-5-5 refused .*; claude-opus-4-8 went on\.$/,
    );
    simulated.requests.length = 0;
    const { turns, result } = await carryOut(model, todos, () => LIST);
    assert.match(result, /Renew the domain/);
    const asked = simulated.requests.map(({ body }) => body.model);
    assert.deepEqual(asked, ['claude-sonnet-5-5', 'claude-opus-4-8', 'claude-opus-4-8']);
    assert.deepEqual(
      turns.flatMap(({ notes = [] }) => notes),
      [
        'claude-sonnet-5-5 refused (category cyber): “This request was declined because it could enable cyber harm.”; claude-opus-4-8 went on.',
      ],
    );
  });

  it('in the middle of the work leaves the first model’s thinking behind, once', async () => {
    refuse({ model: 'claude-sonnet-5-5', turn: 2 });
    const model = modelWith({ fallbackModel: 'claude-opus-4-8' });
    const adding = { ...todos, goal: 'Add "Buy milk" to our to-do list' };
    const { turns, exchanges } = await carryOut(model, adding, (name) => (/list/.test(name) ? LIST : 'ok'));
    assert.deepEqual(
      turns.map(({ edits }) => edits),
      [undefined, { isThinkingLost: true }, undefined],
    );
    const thoughts = exchanges.map(({ content }) => content.filter(({ type }) => type === 'thinking').length);
    assert.deepEqual(thoughts, [0, 0, 1, 0, 0]);
  });

  it('leaves the fallback model a limit of its own', async () => {
    const small = 'claude-3-5-haiku-20241022';
    refuse({ model: small });
    const model = modelWith({ model: small, fallbackModel: 'claude-opus-4-8' });
    await model.writePlan({ goal, research, tools: [] });
    await model.takeTurn({ ...todos, exchanges: [] });
    assert.deepEqual(limits(), [8_192, 12_000, 8_192, 32_000]);
  });

  it('of both models says so of both', async () => {
    refuse();
    const model = modelWith({ fallbackModel: 'claude-opus-4-8' });
    const words = /claude-sonnet-5-5 refused .*; claude-opus-4-8 refused .*Word the goal differently\.$/;
    await assert.rejects(model.searchWeb(goal), failed('Refused', words));
    assert.equal(simulated.requests.length, 2);
  });
});

describe('code that runs beside calls of ours', () => {
  const coding = {
    ...todos,
    goal: 'What is on our to-do list? Run code for the sum',
    serverTools: ['code_execution' as const],
  };

  it('finds its container again once our calls are answered', async () => {
    const { turns, result } = await carryOut(modelWith(), coding, () => LIST);
    assert.deepEqual(
      turns[0]?.content.map(({ type }) => type),
      ['thinking', 'text', 'server_tool_use', 'tool_use'],
    );
    assert.equal(turns[1]?.content[0]?.type, 'code_execution_tool_result');
    assert.match(result, /Renew the domain/);
    assert.equal(simulated.requests.length, 2);
  });

  it('is dropped, and the run goes on, when the container is gone or was never named', async () => {
    for (const lose of [true, false]) {
      simulated.requests.length = 0;
      const model = modelWith();
      const forgetful: typeof model = {
        ...model,
        takeTurn: async (input, signal) => {
          const { container, ...known } = input;
          const turn = await model.takeTurn(lose ? input : known, signal);
          if (lose) simulated.loseContainers();
          return turn;
        },
      };
      const { turns, exchanges, result } = await carryOut(forgetful, coding, () => LIST);
      assert.match(result, /Renew the domain/);
      assert.deepEqual(turns[1]?.edits, { isCodeLost: true });
      assert.doesNotMatch(JSON.stringify(exchanges), /server_tool_use/);
      assert.ok(simulated.requests.at(-1)?.body.tools?.some(({ name }) => name === 'code_execution'));
    }
  });

  it('is dropped where the API asks for a container in its own words', async () => {
    const message =
      'container_id is required when there are pending tool uses generated by code execution with tools.';
    const call = { type: 'tool_use', id: 'toolu_1', name: 'todo__list_todos', input: {} };
    const code = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'code_execution', input: { code: '1' } };
    await withEndpoint(
      (body, count) => {
        if (count === 1) return { body: { content: [code, call], stop_reason: 'tool_use' } };
        if (/srvtoolu_1/.test(JSON.stringify(body.messages))) return badRequest(message);
        return { body: { content: [{ type: 'text', text: 'Done.' }], stop_reason: 'end_turn' } };
      },
      async (model, requests) => {
        const { result } = await carryOut(model, coding, () => LIST);
        assert.equal(result, 'Done.');
        assert.equal(requests.length, 3);
      },
    );
  });
});
