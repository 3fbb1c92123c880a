import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type SimulatedModel, startSimulatedModel } from '../../sandbox/model/index.js';
import { createModel } from '../../src/llm/index.js';
import { usageOf } from '../../src/llm/prices.js';
import { ConfigError } from '../../src/platform/errors.js';
import { badRequest, withEndpoint } from '../support/llm/endpoint.js';
import { plan } from '../support/samples.js';

const turn = {
  goal: 'A goal',
  plan,
  approval: { by: 'UANA', note: '' },
  exchanges: [],
  tools: [],
  serverTools: [],
};

const names = (name: string, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ConfigError, String(error));
  assert.match(error.message, words);
  return error.code === name;
};

describe('the check of the key and the model', () => {
  let simulated: SimulatedModel;
  const named = (model: string, own = {}) =>
    createModel({ apiKey: simulated.apiKey, baseURL: simulated.url, model, ...own });
  before(async () => {
    simulated = await startSimulatedModel();
  });
  after(() => simulated.stop());

  it('says the limits that the API states', async () => {
    const { summary, problem, warnings } = await named('claude-haiku-4-5').check();
    assert.match(
      summary,
      /^model claude-haiku-4-5 at 127\.0\.0\.1:\d+, 200,000 tokens of context, answers of 64,000, price known$/,
    );
    assert.deepEqual([problem, warnings], [undefined, []]);
  });

  it('names a misspelt model, and asks for nothing that costs', async () => {
    simulated.requests.length = 0;
    const wrong = names(
      'ANTHROPIC_MODEL',
      /^ANTHROPIC_MODEL: .* no model "claude-sonet-5-5" .*model: claude-sonet-5-5/,
    );
    await assert.rejects(named('claude-sonet-5-5').check(), wrong);
    assert.equal(simulated.requests.length, 0);
  });

  it('names a misspelt fallback model too, before a run needs it', async () => {
    const wrong = named('claude-sonnet-5-5', { fallbackModel: 'claude-opuss' });
    const words = /^ANTHROPIC_FALLBACK_MODEL: .* no model "claude-opuss"/;
    await assert.rejects(wrong.check(), names('ANTHROPIC_FALLBACK_MODEL', words));
    const right = await named('claude-sonnet-5-5', { fallbackModel: 'claude-opus-4-8' }).check();
    assert.deepEqual([right.problem, right.warnings], [undefined, []]);
  });

  it('refuses a made-up key, under the name of its variable', async () => {
    const model = named('claude-sonnet-5-5', { apiKey: 'wrong' });
    await assert.rejects(
      model.check(),
      names('ANTHROPIC_API_KEY', /^ANTHROPIC_API_KEY: the key is refused \(401\)\. /),
    );
    const { url: baseURL } = simulated;
    const token = createModel({ authToken: 'wrong', baseURL, model: 'claude-sonnet-5-5' });
    await assert.rejects(
      token.check(),
      names('ANTHROPIC_AUTH_TOKEN', /^ANTHROPIC_AUTH_TOKEN: the key is refused/),
    );
  });

  it('takes a token in place of a key', async () => {
    const { url: baseURL, apiKey: authToken } = simulated;
    const { problem } = await createModel({ authToken, baseURL, model: 'claude-sonnet-5-5' }).check();
    assert.equal(problem, undefined);
  });

  it('does not call a key right that nobody could be asked about', async () => {
    const nowhere = createModel({
      apiKey: 'made-up',
      baseURL: 'http://127.0.0.1:4',
      model: 'claude-sonnet-5-5',
    });
    const { problem, warnings, summary } = await nowhere.check();
    assert.match(
      String(problem),
      /^127\.0\.0\.1:4 could not be reached, so nobody knows if the key and the model are right \(.*ECONNREFUSED/,
    );
    assert.deepEqual(warnings, [problem]);
    assert.match(summary, /limits unknown/);
  });

  it('asks a model with small answers for no longer ones', async () => {
    const model = named('claude-3-5-haiku-20241022');
    await model.check();
    simulated.requests.length = 0;
    await model.takeTurn(turn);
    assert.deepEqual(
      simulated.requests.map(({ body }) => body.max_tokens),
      [8_192],
    );
  });
});

describe('a model that nobody describes', () => {
  it('tells the limit of its answers by a refusal, which is learnt once', async () => {
    const said = { body: { content: [{ type: 'text', text: 'Done' }], stop_reason: 'end_turn' } };
    const refusals = [
      'max_tokens: 32000 > 4096, which is the maximum allowed number of output tokens for local',
      'The maximum tokens you requested exceeds the model limit of 4096. Try again with a maximum tokens value that is lower than 4096.',
    ];
    for (const refusal of refusals)
      await withEndpoint(
        ({ max_tokens }) => (Number(max_tokens) > 4_096 ? badRequest(refusal) : said),
        async (model, requests) => {
          await model.takeTurn(turn);
          await model.takeTurn(turn);
          assert.equal(requests.length, 3);
        },
      );
  });

  /** A gateway that has no descriptions as Claude's, and answers a message with `status`. */
  const withGateway = async (
    listener: RequestListener,
    test: (model: ReturnType<typeof createModel>) => Promise<void>,
  ) => {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
    try {
      await test(createModel({ authToken: 'token', baseURL, model: 'vendor/model' }));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  };
  const described: [string, number, string][] = [
    ['as OpenAI does, without asking for a key', 200, '{"id":"vendor/model","object":"model"}'],
    ['with a page', 200, '<!doctype html>'],
    ['with 404', 404, '{"detail":"Not Found"}'],
    ['with 405', 405, ''],
    ['with an error of its own', 500, '{"error":{"message":"Internal"}}'],
  ];
  for (const [how, status, body] of described) {
    it(`is asked for one token where models are described ${how}`, async () => {
      let asked = 0;
      const answers: [number, string][] = [
        [200, '{"type":"message","content":[]}'],
        [401, '{"error":{"message":"No auth credentials found","code":401}}'],
        [404, '{"error":{"message":"No endpoints found for vendor/model.","code":404}}'],
      ];
      const listener: RequestListener = (request, response) => {
        assert.equal(request.headers.authorization, 'Bearer token');
        const [code, text] =
          request.url === '/api/v1/messages' ? (answers[asked++] ?? [500, '']) : [status, body];
        const type = text.startsWith('<') ? 'text/html' : 'application/json';
        response.writeHead(code, { 'content-type': type }).end(text);
      };
      await withGateway(listener, async (model) => {
        const { problem, summary, warnings } = await model.check();
        assert.equal(problem, undefined);
        assert.match(summary, /limits unknown, price unknown/);
        assert.match(String(warnings), /price of this model is unknown/);
        await assert.rejects(model.check(), names('ANTHROPIC_AUTH_TOKEN', /refused \(401\)/));
        await assert.rejects(model.check(), names('ANTHROPIC_MODEL', /No endpoints found for vendor\/model/));
      });
    });
  }

  it('is not called unknown for any refusal that has the word model', async () => {
    const refusals: [string, RegExp | undefined][] = [
      ['The provided model identifier is invalid.', /has no model/],
      ['Invalid model name passed in model=vendor/model', /has no model/],
      ["Invocation of model ID vendor/model with on-demand throughput isn't supported.", /has no model/],
      ['This model needs max_tokens of at least 16.', undefined],
    ];
    for (const [message, words] of refusals)
      await withGateway(
        (request, response) => {
          const status = request.url === '/api/v1/messages' ? 400 : 404;
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ error: { type: 'invalid_request_error', message } }));
        },
        async (model) => {
          if (words) await assert.rejects(model.check(), names('ANTHROPIC_MODEL', words));
          else assert.match(String((await model.check()).problem), /could not say .*at least 16/);
        },
      );
  });

  it('has no guessed price, however much its name is like another', () => {
    const used = { input_tokens: 1_000_000 };
    for (const name of [
      'claude-sonnet-5-5-fast',
      'claude-opus-5-turbo',
      'claude-opus-4-5-20251101-v1:0',
      'global.anthropic.claude-sonnet-5-5',
    ])
      assert.equal(usageOf(name, used).costUsd, undefined, name);
    assert.equal(usageOf('claude-opus-4-5@20251101', used).costUsd, 5);
  });
});
