import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import type { ModelFault, SimulatedModel } from '../../sandbox/model/index.js';
import { promptOf } from '../../sandbox/model/request.js';
import { createModel } from '../../src/llm/index.js';
import { PATIENCE_MS } from '../../src/llm/request/patience.js';
import { ConfigError, RemoteError } from '../../src/platform/errors.js';
import type { TurnRequest } from '../../src/run/execution/conversation.js';
import type { ToolSpec } from '../../src/run/execution/tools.js';
import { type Asked, badRequest, withEndpoint } from '../support/llm/endpoint.js';
import { simulatedModelForTests } from '../support/llm/simulated-model.js';
import { plan } from '../support/samples.js';

const goal = 'Draft the release notes for 2.4';

/** The first turn of an execution without tools. */
const assigned = (note = ''): TurnRequest => {
  return { goal, plan, approval: { by: 'UANA', note }, exchanges: [], tools: [], serverTools: [] };
};

describe('the model’s client, by the real SDK', () => {
  let simulated: SimulatedModel;
  let model: ReturnType<typeof createModel>;
  simulatedModelForTests((started) => {
    simulated = started;
    model = createModel({ apiKey: simulated.apiKey, baseURL: simulated.url, model: 'claude-sonnet-5-5' });
  });

  it('searches the web with Claude’s own tool, and keeps the sources', async () => {
    const { research, usage } = await model.searchWeb(goal);
    assert.match(research.summary, /What matters/);
    assert.ok(research.sources.length >= 2);
    for (const { url } of research.sources) assert.match(url, /^https:\/\//);
    assert.ok(usage.inputTokens > 0 && usage.outputTokens > 0);
    const tools = simulated.requests[0]?.body.tools?.map(({ type }) => type);
    assert.deepEqual(tools, ['web_search_20260318']);
    assert.ok(usage.costUsd && usage.costUsd > 0.01, 'the search itself costs a cent');
  });

  it('searches with the older tool where the model makes no calls from code', async () => {
    const { apiKey, url: baseURL } = simulated;
    const haiku = createModel({ apiKey, baseURL, model: 'claude-haiku-4-5' });
    const { research } = await haiku.searchWeb(goal);
    assert.equal(research.unsearched, undefined);
    assert.ok(research.sources.length >= 2);
    const tools = simulated.requests.flatMap(({ body }) => body.tools?.map(({ type }) => type));
    assert.deepEqual(tools, ['web_search_20250305'], 'the newest was refused before');
  });

  it('writes a plan as structured output, with sources from the research alone', async () => {
    const { research } = await model.searchWeb(goal);
    const written = await model.writePlan({ goal, research, tools: [] });
    assert.ok(written.plan.steps.length >= 3);
    assert.ok(written.plan.risks.length > 0);
    assert.deepEqual(written.plan.sources, research.sources);
    assert.equal(simulated.requests[1]?.body.output_config?.format?.type, 'json_schema');
    const unknown = await model.writePlan({ goal, research: { summary: '', sources: [] }, tools: [] });
    assert.deepEqual(unknown.plan.sources, [], 'a source that the research did not find is left out');
    const prompt = String(simulated.requests[1]?.body.messages?.[0]?.content);
    assert.ok(prompt.startsWith(`Create an action plan for: ${goal}\nContext: `));
  });

  for (const text of ['{"title": "A", "steps": []}', 'I’m sorry, but I can’t plan that.']) {
    it(`asks again for a plan, with what was wrong, after ${text}`, async () => {
      simulated.faults.inject({ kind: 'says', text });
      const { plan, usage } = await model.writePlan({
        goal,
        research: { summary: '', sources: [] },
        tools: [],
      });
      assert.ok(plan.steps.length >= 3);
      const [one, other, ...more] = simulated.requests;
      assert.equal(more.length, 0);
      const [, answer, complaint] = other?.body.messages ?? [];
      assert.deepEqual([answer?.role, answer?.content], ['assistant', text]);
      assert.match(String(complaint?.content), /can't be used as a plan: .*holds no/);
      assert.ok(usage.inputTokens > JSON.stringify(one?.body.messages).length / 4, 'both answers count');
    });
  }

  it('fails with the model’s words when it wrote no plan twice', async () => {
    simulated.faults.inject({ kind: 'says', text: 'I won’t plan\nthat.', times: 2 });
    await assert.rejects(
      model.writePlan({ goal, research: { summary: '', sources: [] }, tools: [] }),
      (error) => {
        assert.ok(error instanceof RemoteError);
        assert.deepEqual([error.code, error.retryable], ['NoPlan', false]);
        assert.match(error.message, /no plan, and none when it was asked again: .*“I won’t plan that\.”/);
        return true;
      },
    );
    assert.equal(simulated.requests.length, 2);
  });

  it('works the wished change into the next revision', async () => {
    const research = { summary: 'nothing', sources: [] };
    const first = await model.writePlan({ goal, research, tools: [] });
    const second = await model.writePlan({
      goal,
      research,
      tools: [],
      previous: { plan: first.plan, feedback: 'Mention the exports' },
    });
    assert.notDeepEqual(second.plan.steps, first.plan.steps);
    assert.match(JSON.stringify(second.plan), /Mention the exports/);
  });

  it('goes on with a search that was paused, in the same conversation', async () => {
    simulated.faults.inject({ kind: 'stop-reason', reason: 'pause_turn', match: 'search' });
    const { research } = await model.searchWeb(goal);
    assert.match(research.summary, /^I look something up first[\s\S]*What matters/);
    assert.ok(research.sources.length >= 2);
    assert.equal(simulated.requests[1]?.body.messages?.at(-1)?.role, 'assistant');
  });

  it('plans with the tools that there are, and tells the model which of them only read', async () => {
    const tools = [
      { name: 'todo__list_todos', description: 'Lists.\nMore.', inputSchema: {}, readOnly: true },
      { name: 'todo__add_todo', description: 'Adds.', inputSchema: {}, readOnly: false },
    ];
    const research = { summary: 'nothing', sources: [] };
    const todos = 'Add the launch tasks to our to-do list';
    const written = await model.writePlan({ goal: todos, research, tools });
    const steps = written.plan.steps.map(({ title }) => title);
    assert.deepEqual(steps, ['Read the to-do list', 'Bring the list up to date', 'Sum up']);
    const prompt = String(simulated.requests[0]?.body.messages?.[0]?.content);
    assert.ok(
      prompt.startsWith(`Create an action plan for: ${todos}\nContext: nothing\n\nThe steps are carried`),
    );
    assert.match(
      prompt,
      /\n- todo__list_todos \(only reads\): Lists\.\n- todo__add_todo \(may change something\): Adds\.\n/,
    );
    const revised = await model.writePlan({
      goal: todos,
      research,
      tools,
      previous: { plan: written.plan, feedback: 'Ask first' },
    });
    assert.match(JSON.stringify(revised.plan), /Ask first/);
  });

  it('plans to ask people, and to read a page, where the goal says so', async () => {
    const research = { summary: '', sources: [] };
    const stepsFor = async (goal: string, tools: ToolSpec[] = []) =>
      (await model.writePlan({ goal, research, tools })).plan.steps.map(({ title }) => title);
    const asking = await stepsFor('Ask me which launch date to take, then draft the announcement');
    assert.deepEqual(asking, ['Ask people to choose', 'Write it out', 'Sum up']);
    const page = 'Sum up https://example.com/notes for us';
    const fetch = { name: 'fetch_url', description: 'Fetches.', inputSchema: {}, readOnly: true };
    assert.deepEqual(await stepsFor(page, [fetch]), ['Read the page', 'Write it out', 'Sum up']);
    assert.ok(!(await stepsFor(page)).includes('Read the page'), 'not without the tool');
    const prompt = String(simulated.requests.at(-1)?.body.messages?.[0]?.content);
    assert.match(prompt, /No tools are connected/);
  });

  it('plans a follow-up with what came of the run before it', async () => {
    const followUp = {
      shortId: 'r',
      goal: 'The first goal',
      title: 'The first plan',
      result: 'x'.repeat(30_000),
    };
    const written = await model.writePlan({
      goal,
      research: { summary: '', sources: [] },
      tools: [],
      followUp,
    });
    assert.match(written.plan.summary, /It goes on from “The first plan”/);
    const prompt = String(simulated.requests[0]?.body.messages?.[0]?.content);
    assert.ok(prompt.startsWith(`Create an action plan for: ${goal}\nContext: `));
    assert.match(
      prompt,
      /Its goal was: The first goal\nIts plan: The first plan\nWhat came of it:\nx+\n\(cut\)\n\nNo tools are connected/,
    );
    assert.ok(prompt.length < 22_000, 'a long result is cut');
  });

  it('carries the plan out with the approval’s note', async () => {
    const { text } = await model.takeTurn(assigned('mind the dates'));
    assert.match(text, /mind the dates/);
    assert.match(text, /simulated model/);
    const prompt = promptOf(simulated.requests[0]?.body ?? {});
    assert.match(
      prompt,
      /^Execute: # Release notes for 2\.4[\s\S]*\nApproval: approved by UANA\nNote of UANA, who approved: mind the dates/,
    );
  });

  const failures: { fault: ModelFault; code: string; retryable: boolean; retryAfterMs?: number }[] = [
    { fault: { kind: 'error', status: 400 }, code: 'InvalidRequestError', retryable: false },
    { fault: { kind: 'error', status: 403 }, code: 'InvalidRequestError', retryable: false },
    { fault: { kind: 'error', status: 404 }, code: 'InvalidRequestError', retryable: false },
    { fault: { kind: 'error', status: 413 }, code: 'InvalidRequestError', retryable: false },
    {
      fault: { kind: 'error', status: 429, retryAfterS: 7 },
      code: 'Overloaded',
      retryable: true,
      retryAfterMs: 7000,
    },
    { fault: { kind: 'error', status: 500 }, code: 'Overloaded', retryable: true },
    { fault: { kind: 'error', status: 529 }, code: 'Overloaded', retryable: true },
    {
      fault: { kind: 'error', status: 429, code: 'enforced_spend_limit_reached' },
      code: 'InvalidRequestError',
      retryable: false,
    },
    { fault: { kind: 'error', status: 409 }, code: 'api_error', retryable: true },
    { fault: { kind: 'error-mid-stream' }, code: 'Overloaded', retryable: true },
    { fault: { kind: 'cut-stream' }, code: 'Interrupted', retryable: true },
    { fault: { kind: 'reset' }, code: 'Unreachable', retryable: true },
    { fault: { kind: 'stop-reason', reason: 'refusal' }, code: 'Refused', retryable: false },
  ];
  for (const { fault, code, retryable, retryAfterMs } of failures) {
    it(`asks once, and says ${code}, after ${JSON.stringify(fault)}`, async () => {
      simulated.faults.inject(fault);
      await assert.rejects(
        model.writePlan({ goal, research: { summary: '', sources: [] }, tools: [] }),
        (error) => {
          assert.ok(error instanceof RemoteError, String(error));
          assert.deepEqual(
            [error.code, error.retryable, error.retryAfterMs],
            [code, retryable, retryAfterMs],
          );
          return true;
        },
      );
      assert.equal(simulated.requests.length, 1);
    });
  }

  it('asks for a plan that was cut off again, with a higher limit; one that stays too long fails in words', async () => {
    simulated.faults.inject({ kind: 'stop-reason', reason: 'max_tokens' });
    const research = { summary: '', sources: [] };
    assert.ok((await model.writePlan({ goal, research, tools: [] })).plan.steps.length >= 3);
    simulated.faults.inject({ kind: 'stop-reason', reason: 'max_tokens', times: 2 });
    await assert.rejects(
      model.writePlan({ goal, research, tools: [] }),
      /The plan was longer than the model may/,
    );
    const limits = simulated.requests.map(({ body }) => body.max_tokens);
    assert.deepEqual(limits, [12_000, 48_000, 12_000, 48_000]);
  });

  describe('which is slow', () => {
    const patienceMs = { search: 1_000, plan: 1_000, turn: 1_000 };
    const impatient = () =>
      createModel({
        apiKey: simulated.apiKey,
        baseURL: simulated.url,
        model: 'claude-sonnet-5-5',
        patienceMs,
      });

    it('is waited for as long as its answer goes on', async () => {
      simulated.faults.inject({ kind: 'slow', overMs: 2_500 });
      const { text } = await impatient().takeTurn(assigned());
      assert.match(text, /simulated model/);
    });

    it('is given up when its answer does not begin in time, and says so', async () => {
      simulated.faults.inject({ kind: 'slow', beforeMs: 3_000 });
      await assert.rejects(impatient().searchWeb(goal), (error) => {
        assert.ok(error instanceof RemoteError, String(error));
        assert.deepEqual([error.code, error.retryable], ['NoAnswer', true]);
        assert.match(error.message, /^The model did not begin to answer within 1 s\.$/);
        return true;
      });
    });

    it('has the patience that was promised: 1, 2 and 5 minutes', () => {
      assert.deepEqual(PATIENCE_MS, { search: 60_000, plan: 120_000, turn: 300_000 });
    });
  });

  it('is told the effort in each request, beside the format of the plan', async () => {
    const eager = createModel({
      apiKey: simulated.apiKey,
      baseURL: simulated.url,
      model: 'claude-sonnet-5-5',
      effort: 'low',
    });
    await eager.searchWeb(goal);
    await eager.writePlan({ goal, research: { summary: '', sources: [] }, tools: [] });
    await eager.takeTurn(assigned());
    await model.takeTurn(assigned());
    const configs = simulated.requests.map(({ body }) => body.output_config);
    assert.deepEqual(
      configs.map((config) => [config?.effort, config?.format?.type]),
      [
        ['low', undefined],
        ['low', 'json_schema'],
        ['low', undefined],
        [undefined, undefined],
      ],
    );
  });

  it('says why it could not be reached', async () => {
    const nowhere = createModel({ apiKey: 'any', baseURL: 'http://127.0.0.1:1', model: 'm' });
    await assert.rejects(
      nowhere.takeTurn(assigned()),
      /The model could not be reached: .*(ECONNREFUSED|bad port)/,
    );
  });

  it('keeps a result that was cut off, and says so', async () => {
    simulated.faults.inject({ kind: 'stop-reason', reason: 'max_tokens' });
    const { text, end } = await model.takeTurn(assigned());
    assert.notEqual(text, '');
    assert.equal(end, 'cut');
  });

  it('stops at once when the call is cancelled', async () => {
    simulated.faults.inject({ kind: 'hang' });
    const abort = new AbortController();
    const call = model.searchWeb(goal, abort.signal);
    setTimeout(() => abort.abort(), 100);
    await assert.rejects(call, Anthropic.APIUserAbortError);
  });

  it('names ANTHROPIC_API_KEY when the key is refused, and nothing else', async () => {
    await model.check();
    const wrong = createModel({ apiKey: 'wrong', baseURL: simulated.url, model: 'm' });
    await assert.rejects(
      wrong.check(),
      (error) => error instanceof ConfigError && error.code === 'ANTHROPIC_API_KEY',
    );
    const nowhere = createModel({ apiKey: 'any', baseURL: 'http://127.0.0.1:1', model: 'm' });
    await nowhere.check();
  });
});

describe('an endpoint that knows less than Claude’s', () => {
  const say = (text: string) => ({ body: { content: [{ type: 'text', text }], stop_reason: 'end_turn' } });
  const research = { summary: '', sources: [] };

  it('may answer in one piece instead of a stream', async () => {
    await withEndpoint(
      () => say('The result'),
      async (model, requests) => {
        const { text } = await model.takeTurn(assigned());
        assert.equal(text, 'The result');
        assert.equal(requests.length, 1);
      },
    );
  });

  const plans: [string, string][] = [
    [
      'JSON in a fence',
      'Here you are:\n```json\n{"title":"T","summary":"S","steps":[{"title":"One","detail":"D"}]}\n```',
    ],
    ['JSON amid prose', 'Sure! {"title":"T","summary":"S","steps":["One"]} Anything else?'],
    ['Markdown', '# T\n\nS\n\n1. **One**: D\n2. Two'],
  ];
  for (const [what, text] of plans) {
    it(`may answer a plan in ${what}`, async () => {
      await withEndpoint(
        () => say(text),
        async (model) => {
          const written = await model.writePlan({ goal, research, tools: [] });
          assert.equal(written.plan.steps[0]?.title, 'One');
          assert.ok(written.plan.title === 'T' || written.plan.title === goal);
        },
      );
    });
  }

  it('may answer a plan that looks like JSON and never ends, without keeping the service busy', async () => {
    for (const text of [`1. One\n${'{'.repeat(100_000)}`, `1. One\n\`\`\`${'\n'.repeat(100_000)}`]) {
      await withEndpoint(
        () => say(text),
        async (model) => {
          const began = performance.now();
          const { plan: written } = await model.writePlan({ goal, research, tools: [] });
          assert.equal(written.steps[0]?.title, 'One');
          assert.ok(performance.now() - began < 1_000);
        },
      );
    }
  });

  it('is asked again without what it refuses by name', async () => {
    await withEndpoint(
      (body) =>
        body.tools || body.output_config
          ? badRequest(body.tools ? 'tools: unknown type' : 'output_config: unknown field')
          : say('1. One'),
      async (model, requests) => {
        const found = await model.searchWeb(goal);
        assert.match(found.research.summary, /The web was not searched/);
        await model.writePlan({ goal, research, tools: [] });
        assert.equal(requests.length, 5);
      },
    );
  });

  const searchTypes = (requests: Asked[]) => requests.map(({ tools = [] }) => tools[0]?.type);
  const NEWEST = 'web_search_20260318';
  const OLDER = 'web_search_20250305';

  it('is asked with the older search where it knows only that', async () => {
    await withEndpoint(
      ({ tools = [] }) =>
        tools.some(({ type }) => type === NEWEST)
          ? badRequest(
              `tools.0: Input tag '${NEWEST}' found using 'type' does not match any of the expected tags`,
            )
          : say('Found'),
      async (model, requests) => {
        const { research } = await model.searchWeb(goal);
        assert.deepEqual(research, { summary: 'Found', sources: [] });
        assert.deepEqual(searchTypes(requests), [NEWEST, OLDER]);
      },
    );
  });

  /** Refusals of any web search: status, and words. */
  const REFUSALS: Record<string, [status: number, message: string]> = {
    'a gateway that answers 500': [500, `litellm.APIConnectionError: Unsupported tool type: ${NEWEST}`],
    'an administrator’s ban': [400, 'Web search is not enabled for this organization.'],
    'a ban as 403': [403, 'Web search is not enabled. An administrator can enable it in the Console.'],
    'a proxy that answers 422': [422, 'tool type web_search is not supported'],
  };
  for (const [what, [status, message]] of Object.entries(REFUSALS)) {
    it(`is asked without a search, and says so, after ${what}`, async () => {
      await withEndpoint(
        ({ tools }) => (tools ? badRequest(message, status) : say('What I know')),
        async (model, requests) => {
          const { research } = await model.searchWeb(goal);
          assert.match(research.summary, /^The web was not searched; .*\n\nWhat I know$/s);
          assert.equal(research.unsearched, message);
          assert.deepEqual(searchTypes(requests), [NEWEST, OLDER, undefined]);
        },
      );
    });
  }

  it('is asked without a search after it called the search as if we ran it', async () => {
    const call = { type: 'tool_use', id: 'c1', name: 'web_search', input: { query: 'x' } };
    await withEndpoint(
      ({ tools }) => (tools ? { body: { content: [call], stop_reason: 'tool_use' } } : say('What I know')),
      async (model, requests) => {
        const { research } = await model.searchWeb(goal);
        assert.match(research.summary, /What I know$/);
        assert.match(String(research.unsearched), /passes its own tools on as ours/);
        assert.equal(requests.length, 2);
      },
    );
  });

  it('may be out of order while a search is paused: it is not asked again and again', async () => {
    const container = { id: 'container_1', expires_at: '2099-01-01T00:00:00Z' };
    const paused = {
      body: { content: [{ type: 'text', text: 'I search.' }], stop_reason: 'pause_turn', container },
    };
    const failed = { status: 500, body: { type: 'error', error: { type: 'api_error', message: 'no' } } };
    await withEndpoint(
      (_, count) => (count === 1 ? paused : count < 20 ? failed : say('At last')),
      async (local, requests) => {
        await assert.rejects(local.searchWeb(goal), { code: 'Overloaded', retryable: true });
        assert.equal(requests.length, 2);
      },
    );
  });

  it('may pause a search again and again: the conversation stays one of turns', async () => {
    await withEndpoint(
      (_, count) =>
        count <= 2
          ? { body: { content: [{ type: 'text', text: `Part ${count}.` }], stop_reason: 'pause_turn' } }
          : say('The end.'),
      async (local, requests) => {
        assert.match((await local.searchWeb(goal)).research.summary, /Part 1\.Part 2\.The end\./);
        const roles = requests.at(-1)?.messages.map(({ role }) => role);
        assert.deepEqual(roles, ['user', 'assistant']);
      },
    );
  });

  it('may name pages as their HTML does: people read the titles', async () => {
    const page = {
      type: 'web_search_result',
      url: 'https://a.example/',
      title: 'Q&amp;A:\n What&#x27;s &lt;b&gt;',
    };
    const found = { type: 'web_search_tool_result', tool_use_id: 's1', content: [page] };
    await withEndpoint(
      () => ({ body: { content: [found, { type: 'text', text: 'Found' }], stop_reason: 'end_turn' } }),
      async (model) => {
        const { sources } = (await model.searchWeb(goal)).research;
        assert.deepEqual(sources, [{ title: "Q&A: What's <b>", url: 'https://a.example/' }]);
      },
    );
  });

  it('says so when each of its searches failed, and repeats no long refusal', async () => {
    const error = { type: 'web_search_tool_result_error', error_code: 'unavailable' };
    const failed = { type: 'web_search_tool_result', tool_use_id: 's1', content: error };
    await withEndpoint(
      () => ({ body: { content: [failed, { type: 'text', text: 'What I know' }], stop_reason: 'end_turn' } }),
      async (model) => {
        const { research } = await model.searchWeb(goal);
        assert.equal(research.unsearched, 'the search failed (unavailable)');
      },
    );
    await withEndpoint(
      ({ tools }) => (tools ? badRequest(`tools: ${'😀'.repeat(300_000)}`) : say('What I know')),
      async (model) => {
        const { unsearched = '' } = (await model.searchWeb(goal)).research;
        assert.ok(unsearched.length < 500 && !/\p{Cs}/u.test(unsearched), unsearched);
      },
    );
  });

  it('keeps its retries for a search that is away', async () => {
    for (const [status, message] of [
      [503, 'The web search tool is overloaded'],
      [529, 'Overloaded: web search is not enabled'],
      [429, 'Too many web searches are not allowed'],
    ] as const) {
      await withEndpoint(
        () => badRequest(message, status),
        async (model, requests) => {
          await assert.rejects(model.searchWeb(goal));
          assert.equal(requests.length, 1);
        },
      );
    }
  });

  const refusals = [
    'This model does not support the effort parameter.',
    "output_config.effort 'xhigh' is not supported when thinking is disabled on this model.",
    'output_config: Extra inputs are not permitted',
  ];
  for (const refusal of refusals) {
    it(`is asked again without the effort: ${refusal}`, async () => {
      await withEndpoint(
        ({ output_config: config }) =>
          config && Object.keys(config).includes('effort') ? badRequest(refusal) : say('1. One'),
        async (model, requests) => {
          await model.takeTurn(assigned());
          await model.writePlan({ goal, research, tools: [] });
          assert.equal(requests.length, 4);
          assert.deepEqual(Object.keys(requests[3]?.output_config ?? {}), ['format'], 'the format stays');
        },
        { effort: 'xhigh' },
      );
    });
  }

  it('is told apart from one that answers nothing', async () => {
    await withEndpoint(
      () => say(''),
      async (model) => {
        await assert.rejects(
          model.writePlan({ goal, research, tools: [] }),
          (error) => error instanceof RemoteError && error.code === 'EmptyAnswer',
        );
      },
    );
  });
});
