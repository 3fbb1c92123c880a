import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { SimulatedModel } from '../../sandbox/model/index.js';
import { createCallLlm, digestOf } from '../../src/activities/call-llm.js';
import type { LlmAnswer } from '../../src/activities/types.js';
import { createModel } from '../../src/llm/index.js';
import { RemoteError } from '../../src/platform/errors.js';
import type { ToolSpec } from '../../src/run/execution/tools.js';
import { badRequest, withEndpoint } from '../support/llm/endpoint.js';
import { simulatedModelForTests } from '../support/llm/simulated-model.js';
import { TODO_TOOLS, tool } from '../support/llm/turns.js';
import { plan } from '../support/samples.js';

/** Tools that pass our own check no more than the API's: a later API may refuse what we take for valid. */
const BAD = tool('odd__bad', { a: { type: 'strng' } });
const WORSE = tool('odd__worse', { b: { items: [{}] } });
const turn = { goal: 'Sum it up', plan, approval: { by: 'UANA', note: '' }, exchanges: [], serverTools: [] };

describe('a tool that the model’s API refuses', () => {
  let simulated: SimulatedModel;
  let model: ReturnType<typeof createModel>;
  simulatedModelForTests((started) => {
    simulated = started;
    model = createModel({ apiKey: simulated.apiKey, baseURL: simulated.url, model: 'claude-sonnet-5-5' });
  });
  const sent = () => simulated.requests.at(-1)?.body.tools?.map(({ name }) => name);

  it('is dropped by its name, and the turn goes on with the others', async () => {
    const tools = [BAD, ...TODO_TOOLS, WORSE];
    const { end, refusedTools = [] } = await model.takeTurn({ ...turn, serverTools: ['web_search'], tools });
    assert.equal(end, 'done');
    assert.deepEqual(sent(), [...TODO_TOOLS.map(({ name }) => name), 'web_search']);
    assert.deepEqual(
      refusedTools.map(({ name }) => name),
      ['odd__bad', 'odd__worse'],
    );
    assert.match(
      refusedTools[0]?.reason ?? '',
      /^the model's API refuses it: tools\.0\.custom\.input_schema: JSON/,
    );
  });

  it('is not sent again in the next turn, nor planned with', async () => {
    const left: string[] = [];
    let tools: ToolSpec[] = [...TODO_TOOLS, BAD];
    const callLlm = createCallLlm({
      model,
      toolbox: {
        list: async () => tools,
        leaveOut(refused, reason) {
          tools = tools.filter((one) => one !== refused);
          left.push(`${refused.name}: ${reason}`);
        },
      },
      policyFor: () => undefined,
      sessions: { show: async () => {} },
    });
    const planned = { plan, digest: digestOf(plan), revision: 1 };
    const request = { task: 'turn', goal: 'g', planned, exchanges: [], rules: [], approval: turn.approval };
    const answer = (await new MockActivityEnvironment().run(callLlm as never, request)) as LlmAnswer<'turn'>;
    assert.equal(answer.end, 'done');
    assert.match(left.join(), /^odd__bad: the model's API refuses it: tools\.4\./);
    assert.ok(!sent()?.includes('odd__bad'));
  });

  for (const [where, words] of [
    [
      'a gateway',
      `litellm.BadRequestError: AnthropicException - b'{"error":{"message":"tools.1.custom.input_schema: JSON schema is invalid."}}'`,
    ],
    ['an endpoint of another kind', "Invalid 'tools[1].function.parameters': 'strng' is no valid type"],
    ['Claude, in words that are new', 'tools.1: this tool is not welcome'],
  ] as const) {
    it(`is recognized by its place when ${where} says so`, async () => {
      await withEndpoint(
        ({ tools = [] }) =>
          tools.some(({ name }) => name === BAD.name)
            ? badRequest(words)
            : { body: { content: [{ type: 'text', text: 'Done' }], stop_reason: 'end_turn' } },
        async (local, requests) => {
          const [first = BAD, ...others] = TODO_TOOLS;
          const tools = [first, BAD, ...others];
          const taken = await local.takeTurn({ ...turn, serverTools: ['web_search'], tools });
          assert.deepEqual(
            taken.refusedTools?.map(({ name }) => name),
            [BAD.name],
          );
          assert.equal(requests.length, 2);
          assert.ok(requests[1]?.tools?.some(({ name }) => name === 'web_search'));
        },
      );
    });
  }

  it('ends the turn with the API’s words where it is one of very many', async () => {
    await withEndpoint(
      () => badRequest('tools.0.custom.input_schema: no tools today'),
      async (local, requests) => {
        const tools = Array.from({ length: 60 }, (_, index) => tool(`odd__tool_${index}`));
        await assert.rejects(local.takeTurn({ ...turn, tools }), (error) => {
          assert.ok(error instanceof RemoteError);
          assert.match(error.message, /no tools today/);
          return true;
        });
        assert.ok(requests.length <= 25, `${requests.length} requests`);
      },
    );
  });
});
