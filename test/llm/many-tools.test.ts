import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { type SimulatedModel, startSimulatedModel } from '../../sandbox/model/index.js';
import { createCallLlm, digestOf } from '../../src/activities/call-llm.js';
import type { LlmAnswer } from '../../src/activities/types.js';
import type { ToolRule } from '../../src/approval/policy.js';
import { createModel } from '../../src/llm/index.js';
import type { Exchange } from '../../src/run/execution/conversation.js';
import { answerSearch, MANY_TOOLS } from '../../src/run/execution/find-tools.js';
import type { ToolSpec } from '../../src/run/execution/tools.js';
import { type Asked, badRequest, withEndpoint } from '../support/llm/endpoint.js';
import { ASK_PERSON, carryOut, FETCH_URL, MARK_STEP, TODO_TOOLS, tool } from '../support/llm/turns.js';
import { plan } from '../support/samples.js';

const LIST = '1. [ ] Renew the domain\n2. [x] Order stickers';
const todoPlan = {
  ...plan,
  steps: ['Read the to-do list', 'Bring the list up to date', 'Sum up'].map((title) => ({
    title,
    detail: '',
  })),
};
const OTHERS = Array.from({ length: 60 }, (_, index) =>
  tool(`gitlab__pipeline_${index}`, { project: { type: 'string', description: 'x'.repeat(500) } }),
);
const OURS = [ASK_PERSON, MARK_STEP, FETCH_URL];
const todos = {
  goal: 'Add "Buy milk" to our to-do list',
  plan: todoPlan,
  tools: [...OTHERS, ...TODO_TOOLS, ...OURS],
};
const approval = { by: 'UANA', note: '' };
const answer = (name: string) => (name === 'todo__list_todos' ? LIST : 'ok');

async function withModel(
  hasToolSearch: boolean,
  test: (model: ReturnType<typeof createModel>, simulated: SimulatedModel) => Promise<void>,
): Promise<void> {
  const simulated = await startSimulatedModel({ hasToolSearch });
  try {
    await test(
      createModel({ apiKey: simulated.apiKey, baseURL: simulated.url, model: 'claude-sonnet-5-5' }),
      simulated,
    );
  } finally {
    await simulated.stop();
  }
}

const toolsOf = (simulated: SimulatedModel, index: number) =>
  (simulated.requests.at(index)?.body as unknown as Asked | undefined)?.tools ?? [];
const namesOf = (simulated: SimulatedModel, index: number) =>
  toolsOf(simulated, index).map(({ name }) => name);

describe('more tools than a model chooses well from', () => {
  it('are found by the API’s search: the work is done, and no turn pays for all of them', async () => {
    await withModel(true, async (model, simulated) => {
      const { turns, exchanges } = await carryOut(model, todos, answer);
      assert.deepEqual(
        turns.map(({ calls }) => calls.map(({ name }) => name)),
        [['todo__list_todos'], ['todo__add_todo', 'mark_step'], []],
      );
      assert.match(JSON.stringify(exchanges), /"tool_search_tool_result"/);
      const sent = toolsOf(simulated, 0);
      const loaded = sent.filter(({ defer_loading }) => defer_loading !== true).map(({ name }) => name);
      assert.deepEqual(loaded, ['tool_search_tool_bm25', ...OURS.map(({ name }) => name)]);
      assert.equal(sent.length, todos.tools.length + 1);
      const all = JSON.stringify(OTHERS).length / 4;
      for (const { usage } of turns) assert.ok(usage.inputTokens < all / 3, `${usage.inputTokens} of ${all}`);
      assert.match(JSON.stringify(simulated.requests[0]?.body.system), /gitlab \(60\), todo \(4\)/);
    });
  });

  it('may change while they are used: what was found and is gone is no reason to fail', async () => {
    await withModel(true, async (model, simulated) => {
      const turn = { ...todos, approval, serverTools: [] };
      const first = await model.takeTurn({ ...turn, exchanges: [] });
      const result = { type: 'tool_result', tool_use_id: first.calls[0]?.id, content: LIST };
      const exchanges: Exchange[] = [
        { role: 'assistant', content: first.content },
        { role: 'user', content: [result] },
      ];
      const without = todos.tools.filter(({ name }) => name !== 'todo__remove_todo');
      assert.equal((await model.takeTurn({ ...turn, tools: without, exchanges })).end, 'calls');
      const few = await model.takeTurn({ ...turn, tools: [...TODO_TOOLS, ...OURS], exchanges });
      assert.equal(few.end, 'calls');
      const last = JSON.stringify(simulated.requests.at(-1)?.body.messages);
      assert.match(last, /A search found these tools: .*todo__add_todo/);
      assert.doesNotMatch(last, /tool_search_tool/);
    });
  });

  it('stay known when the search goes away, as with another model: what it has found can be called', async () => {
    const references = ['todo__add_todo', 'todo__list_todos'].map((tool_name) => ({
      type: 'tool_reference',
      tool_name,
    }));
    const search = {
      type: 'server_tool_use',
      id: 's1',
      name: 'tool_search_tool_bm25',
      input: { query: 'x' },
    };
    const found = { type: 'tool_search_tool_search_result', tool_references: references };
    const exchanges: Exchange[] = [
      {
        role: 'assistant',
        content: [
          search,
          { type: 'tool_search_tool_result', tool_use_id: 's1', content: found },
          { type: 'tool_use', id: 'c1', name: 'todo__list_todos', input: {} },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: LIST }] },
    ];
    await withModel(false, async (model, simulated) => {
      await model.takeTurn({ ...todos, approval, exchanges, serverTools: [] });
      assert.deepEqual(
        namesOf(simulated, -1).toSorted(),
        [
          'ask_person',
          'fetch_url',
          'find_tools',
          'mark_step',
          'todo__add_todo',
          'todo__list_todos',
        ].toSorted(),
      );
    });
  });

  it('are found by the API’s search again, after a fallback model had none', async () => {
    const refuse = { body: { content: [], stop_reason: 'refusal' } };
    const done = { body: { content: [{ type: 'text', text: 'Done' }], stop_reason: 'end_turn' } };
    await withEndpoint(
      (body, count) => {
        const searches = body.tools?.some(({ type }) => type?.startsWith('tool_search'));
        if (!('model' in body) || body.model !== 'old') return count === 1 ? refuse : done;
        return searches ? badRequest("'old' does not support tool types: tool_search_tool_bm25") : done;
      },
      async (model, requests) => {
        const turn = { ...todos, approval, exchanges: [], serverTools: [] };
        assert.equal((await model.takeTurn(turn)).useFallback, true);
        assert.equal(requests.length, 3);
        await model.takeTurn({ ...turn, useFallback: true });
        assert.equal(requests.length, 4, 'the fallback model is not asked to search again');
        await model.takeTurn(turn);
        const names = requests.at(-1)?.tools?.map(({ name }) => name) ?? [];
        assert.equal(names[0], 'tool_search_tool_bm25');
      },
      { fallbackModel: 'old' },
    );
  });

  it('are found by find_tools where the API has no search, which is tried once', async () => {
    await withModel(false, async (model, simulated) => {
      const found = (name: string, input: Record<string, unknown>) =>
        name === 'find_tools' ? answerSearch(todos.tools, input) : answer(name);
      const { turns } = await carryOut(model, todos, found);
      assert.deepEqual(
        turns.map(({ calls }) => calls.map(({ name }) => name)),
        [['find_tools'], ['todo__list_todos'], ['todo__add_todo', 'mark_step'], []],
      );
      assert.deepEqual(namesOf(simulated, 0).toSorted(), [
        'ask_person',
        'fetch_url',
        'find_tools',
        'mark_step',
      ]);
      assert.deepEqual(
        namesOf(simulated, -1)
          .filter((name) => name.includes('__'))
          .toSorted(),
        TODO_TOOLS.map(({ name }) => name).toSorted(),
      );
    });
  });

  for (const [what, refusal] of [
    [
      'doesn’t know deferred tools',
      badRequest('tools.1.custom.defer_loading: Extra inputs are not permitted'),
    ],
    [
      'names the search',
      badRequest("'claude-opus-4-1' does not support tool types: tool_search_tool_bm25_20251119"),
    ],
    [
      'answers 500 to it',
      { status: 500, body: { error: { message: 'Unsupported tool type: tool_search_tool_bm25_20251119' } } },
    ],
    [
      'takes it for one of ours',
      {
        body: {
          content: [{ type: 'tool_use', id: 'x', name: 'tool_search_tool_bm25', input: {} }],
          stop_reason: 'tool_use',
        },
      },
    ],
  ] as const) {
    it(`go out as few where an endpoint ${what}, and what else it has is kept`, async () => {
      await withEndpoint(
        ({ tools = [] }) =>
          tools.some(({ type }) => type?.startsWith('tool_search'))
            ? refusal
            : { body: { content: [{ type: 'text', text: 'Done' }], stop_reason: 'end_turn' } },
        async (model, requests) => {
          const turn = { ...todos, approval, exchanges: [], serverTools: ['web_search' as const] };
          for (const _ of [1, 2]) assert.equal((await model.takeTurn(turn)).end, 'done');
          assert.equal(requests.length, 3, 'the search is not tried again');
          const names = requests.at(-1)?.tools?.map(({ name }) => name);
          assert.deepEqual(names?.toSorted(), [
            'ask_person',
            'fetch_url',
            'find_tools',
            'mark_step',
            'web_search',
          ]);
        },
      );
    });
  }

  it('begin above forty: up to there the model is shown them all', async () => {
    await withModel(true, async (model, simulated) => {
      const few = OTHERS.slice(0, MANY_TOOLS);
      await model.takeTurn({ ...todos, tools: few, approval, exchanges: [], serverTools: [] });
      assert.deepEqual(
        namesOf(simulated, 0),
        few.map(({ name }) => name),
      );
      assert.ok(toolsOf(simulated, 0).every(({ defer_loading }) => defer_loading === undefined));
    });
  });

  it('are all named to the model that writes the plan, in few words', async () => {
    await withModel(true, async (model, simulated) => {
      const wordy = todos.tools.map((one) => ({
        ...one,
        description: `${one.name} ${'and so on '.repeat(50)}`,
      }));
      const research = { summary: 'nothing', sources: [] };
      await model.writePlan({ goal: todos.goal, research, tools: wordy });
      const prompt = JSON.stringify(simulated.requests[0]?.body.messages);
      for (const { name } of wordy) assert.ok(prompt.includes(`- ${name} (`), name);
      assert.ok(prompt.length < wordy.length * 150, `${prompt.length} characters`);
    });
  });
});

describe('find_tools', () => {
  const named = (name: string, description: string, properties: object = {}): ToolSpec => ({
    ...{ name, description, readOnly: false, inputSchema: { type: 'object', properties } },
  });
  const tools = [
    named('gitlab__create_issue', 'Creates an issue in a project.'),
    named('gitlab__listMergeRequests', 'Lists merge requests.'),
    named('gitlab__get_project', 'Reads a project.', { project_id: { description: 'Id of the project' } }),
    named('mail__send', 'Sends a letter to people.', { recipients: { type: 'array' } }),
    named('ask_person', 'Asks a person about issues.'),
  ];
  const found = (query: unknown) =>
    [...answerSearch(tools, { query }).matchAll(/^- (\S+)/gm)].map(([, name]) => name);

  it('finds by words of names, descriptions and arguments, the best first', () => {
    assert.equal(found('create issues')[0], 'gitlab__create_issue');
    assert.equal(found('merge request')[0], 'gitlab__listMergeRequests');
    assert.deepEqual(found('recipient'), ['mail__send']);
    assert.deepEqual(found('gitlab project').slice(0, 1), ['gitlab__get_project']);
    assert.deepEqual(found('ask'), [], 'what is shown anyway is not found');
  });

  it('says when nothing matches, and when more do than it names', () => {
    assert.match(answerSearch(tools, { query: 'weather' }), /No tool matches/);
    assert.match(answerSearch(tools, {}), /takes a query/);
    assert.match(answerSearch(OTHERS, { query: 'pipeline' }), /\n50 more match/);
  });

  it('finds nothing that the policy denies, and a call of what it finds goes by the rules', async () => {
    const search = { type: 'tool_use', id: 'toolu_1', name: 'find_tools', input: { query: 'todo' } };
    const remove = { type: 'tool_use', id: 'toolu_2', name: 'todo__remove_todo', input: { id: 1 } };
    const add = { type: 'tool_use', id: 'toolu_3', name: 'todo__add_todo', input: { title: 'x' } };
    const calls = [search, remove, add];
    const turn = { content: calls, calls, text: '', end: 'calls', sources: [], usage: {} };
    const callLlm = createCallLlm({
      model: { takeTurn: async () => turn } as never,
      toolbox: { list: async () => todos.tools, leaveOut() {} },
      policyFor: () => undefined,
      sessions: { show: async () => {} },
    });
    const rules: ToolRule[] = [{ match: 'todo__remove*', rule: 'deny' }];
    const planned = { plan, digest: digestOf(plan), revision: 1 };
    const request = { task: 'turn', goal: 'g', planned, exchanges: [], rules, approval };
    const taken = (await new MockActivityEnvironment().run(callLlm as never, request)) as LlmAnswer<'turn'>;
    const said = JSON.stringify(taken.answers?.toolu_1);
    assert.match(said, /- todo__add_todo \(may change something\)/);
    assert.doesNotMatch(said, /todo__remove_todo/);
    assert.deepEqual(Object.keys(taken.answers ?? {}), ['toolu_1'], 'no other call is answered unseen');
    assert.deepEqual(
      taken.calls.map(({ known, readOnly }) => [known, readOnly]),
      [
        [true, true],
        [false, false],
        [true, false],
      ],
    );
  });
});
