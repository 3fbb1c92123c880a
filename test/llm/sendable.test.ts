import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRequest, RequestError } from '../../sandbox/model/request.js';
import { checkRules } from '../../sandbox/model/rules.js';
import { RemoteError } from '../../src/platform/errors.js';
import { type Exchange, resultBlock, textBlock } from '../../src/run/execution/conversation.js';
import type { ContentBlock } from '../../src/run/execution/tools.js';
import { type Asked, badRequest, withEndpoint } from '../support/llm/endpoint.js';
import { tool } from '../support/llm/turns.js';
import { plan, threadWith } from '../support/samples.js';

const HALF = '\ud83d';
const usage = { input_tokens: 1, output_tokens: 1 };
const message = (content: object[], stop_reason = 'end_turn') => ({
  ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'local', stop_reason },
  ...{ content, usage },
});
const said = (text: string) => ({ body: message([{ type: 'text', text }]) });
const turn = {
  ...{ goal: 'Look', plan, approval: { by: 'UANA', note: '' }, tools: [], serverTools: [] },
  exchanges: [] as Exchange[],
};
const called = (id: string, name = 'shot', input = {}) => ({ type: 'tool_use', id, name, input });

/** A PNG of a size, as far as its head says. */
function png(width: number, height: number): string {
  const image = Buffer.alloc(64);
  image.write('\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR', 'latin1');
  image.writeUInt32BE(width, 16);
  image.writeUInt32BE(height, 20);
  return image.toString('base64');
}
const image = (width = 10, height = 10): ContentBlock => ({
  type: 'image',
  source: { type: 'base64', media_type: 'image/png', data: png(width, height) },
});

/** Refuses what the API refuses. */
function refusal(body: object): ReturnType<typeof badRequest> | undefined {
  try {
    checkRules(parseRequest(JSON.stringify(body), false));
    return undefined;
  } catch (error) {
    if (error instanceof RequestError) return badRequest(error.message, error.status);
    throw error;
  }
}

type Answer = Parameters<typeof withEndpoint>[0];

/** An endpoint as strict as Claude's. `accepted` holds the requests that it took. */
async function withStrictEndpoint(
  answer: Answer,
  test: (model: Parameters<Parameters<typeof withEndpoint>[1]>[0], accepted: Asked[]) => Promise<void>,
): Promise<Asked[]> {
  const accepted: Asked[] = [];
  const all: Asked[] = [];
  const check: Answer = (body) => {
    const refused = refusal(body);
    if (refused) return refused;
    accepted.push(body);
    return answer(body, accepted.length);
  };
  await withEndpoint(check, async (model, requests) => {
    await test(model, accepted);
    all.push(...requests);
  });
  return all;
}

/** Turns whose calls were answered: one image each. */
const shots = (count: number, shot: (at: number) => ContentBlock = () => image()): Exchange[] =>
  Array.from({ length: count }, (_, at): Exchange[] => [
    { role: 'assistant', content: [called(`call_${at}`)] },
    { role: 'user', content: [resultBlock(`call_${at}`, [textBlock(`Shot ${at}`), shot(at)], false)] },
  ]).flat();

const resultsOf = ({ messages }: Asked) =>
  messages.flatMap(({ content }) =>
    typeof content === 'string' ? [] : content.filter(({ type }) => type === 'tool_result'),
  );
const lastOf = (result: { [key: string]: unknown }) => (result.content as ContentBlock[]).at(-1);

describe('what goes to the model', () => {
  it('is well-formed, where people, tools, pages and the model wrote half characters and NUL', async () => {
    const bad = `a${HALF} b\0`;
    const research = { summary: bad, sources: [{ title: bad, url: 'https://example.com/' }] };
    const followUp = { shortId: 'r1', goal: bad, title: bad, result: `${'x'.repeat(19_999)}🙂` };
    const odd = { ...tool('srv__odd'), description: `${'y'.repeat(199)}🙂\0` };
    const exchanges: Exchange[] = [
      { role: 'assistant', content: [{ type: 'text', text: bad }, called('c1', 'srv__odd', { [bad]: bad })] },
      { role: 'user', content: [resultBlock('c1', [textBlock(bad)], false)] },
    ];
    const answer: Answer = (body) => said(body.output_config ? JSON.stringify({ ...plan, title: bad }) : bad);
    const requests = await withStrictEndpoint(answer, async (model) => {
      const { research: found } = await model.searchWeb(bad, undefined, threadWith({ transcript: bad }));
      assert.equal(found.summary, 'a� b�');
      const { plan: written } = await model.writePlan({ goal: bad, research, followUp, tools: [odd] });
      assert.equal(written.title, 'a� b�');
      assert.equal((await model.takeTurn({ ...turn, goal: bad, tools: [odd], exchanges })).text, 'a� b�');
    });
    assert.equal(requests.length, 4, 'the image of the thread is the only part that is refused');
    const prompt = String(requests[2]?.messages[0]?.content);
    assert.match(prompt, /x\n\(cut\)/);
    assert.match(prompt, /y\n/);
  });

  it('holds no blank text: beside a call, in a tool’s answer, and alone', async () => {
    const exchanges: Exchange[] = [
      { role: 'assistant', content: [{ type: 'text', text: '\n\n' }, called('c1')] },
      { role: 'user', content: [resultBlock('c1', [textBlock('')], false)] },
      { role: 'assistant', content: [{ type: 'text', text: ' ' }] },
      { role: 'user', content: [textBlock('')] },
    ];
    const requests = await withStrictEndpoint(
      () => said('done'),
      async (model) => {
        assert.equal((await model.takeTurn({ ...turn, exchanges })).text, 'done');
      },
    );
    assert.equal(requests.length, 1);
    assert.deepEqual(
      requests[0]?.messages
        .slice(1)
        .map(({ content }) => (content as ContentBlock[]).map(({ type }) => type)),
      [['tool_use'], ['tool_result'], ['text'], ['text']],
    );
  });

  it('has each call under an id of its own and a name that the API takes, also where the model counts anew', async () => {
    const exchanges = shots(1, () => textBlock('ok')).map((exchange) => ({
      ...exchange,
      content: exchange.content.map((block) => ({
        ...block,
        ...('id' in block ? { id: 'call_0' } : { tool_use_id: 'call_0' }),
      })),
    }));
    const calls = [called('call_0'), called('call_0'), called('a b', 'no such.tool', { text: HALF })];
    const more = [called('constructor', ''), called('', 'n'.repeat(300))];
    const answer: Answer = (_, count) =>
      count === 1 ? { body: message([...calls, ...more], 'tool_use') } : said('done');
    const requests = await withStrictEndpoint(answer, async (model) => {
      const first = await model.takeTurn({ ...turn, exchanges });
      assert.deepEqual(
        first.calls.map(({ id, name }) => [id, name]),
        [
          ['call_0_2', 'shot'],
          ['call_0_3', 'shot'],
          ['a_b', 'no_such_tool'],
          ['constructor_2', 'unnamed'],
          ['call', 'n'.repeat(128)],
        ],
      );
      assert.deepEqual(first.calls[2]?.input, { text: '�' }, 'people see what the tool gets');
      const results = first.calls.map(({ id }) =>
        resultBlock(id, [textBlock('There is no such tool.')], true),
      );
      const next: Exchange[] = [
        { role: 'assistant', content: first.content },
        { role: 'user', content: results },
      ];
      assert.equal((await model.takeTurn({ ...turn, exchanges: [...exchanges, ...next] })).text, 'done');
    });
    assert.equal(requests.length, 2);
  });
});

describe('calls of a conversation', () => {
  it('have one answer each, before all else, whatever was lost or came twice', async () => {
    const answer = (id: string, words = id) => resultBlock(id, [textBlock(words)], false);
    const exchanges: Exchange[] = [
      { role: 'assistant', content: ['c1', 'c2', 'c3'].map((id) => called(id)) },
      {
        role: 'user',
        content: [textBlock('Go on.'), answer('c3'), answer('c1'), answer('c1', 'again'), answer('c9')],
      },
      { role: 'assistant', content: [called('c4')] },
    ];
    const requests = await withStrictEndpoint(
      () => said('done'),
      async (model) => {
        assert.equal((await model.takeTurn({ ...turn, exchanges })).text, 'done');
      },
    );
    assert.equal(requests.length, 1);
    const texts = requests.flatMap(resultsOf).map((result) => [result.tool_use_id, lastOf(result)?.text]);
    const lost = 'The answer to this call was lost: whether it happened is not known.';
    assert.deepEqual(texts, [
      ['c1', 'c1'],
      ['c2', lost],
      ['c3', 'c3'],
      ['c4', lost],
    ]);
  });
});

describe('images of a conversation', () => {
  it('are the newest 20; a line says where an older one was', async () => {
    const large = (at: number) => image(at === 3 ? 1_000 : 3_000, 3_000);
    const requests = await withStrictEndpoint(
      () => said('done'),
      async (model) => {
        assert.equal((await model.takeTurn({ ...turn, exchanges: shots(120, large) })).text, 'done');
      },
    );
    assert.equal(requests.length, 1);
    const shown = requests.flatMap(resultsOf).map(lastOf);
    assert.deepEqual(
      shown.map((block) => block?.type),
      [...Array(100).fill('text'), ...Array(20).fill('image')],
    );
    assert.match(String(shown[99]?.text), /older image, image\/png.*only the newest 20/);
  });

  it('count with those of the thread, and an error shows none', async () => {
    const exchanges = shots(21);
    const error = { role: 'user' as const, content: [resultBlock('e', [image()], true)] };
    exchanges.push({ role: 'assistant', content: [called('e')] }, error);
    const cup = threadWith();
    for (const { content } of cup.files) if (content.kind === 'image') content.data = png(5, 5);
    const requests = await withStrictEndpoint(
      () => said('done'),
      async (model) => {
        await model.takeTurn({ ...turn, thread: cup, exchanges });
      },
    );
    assert.equal(requests.length, 1);
    const json = JSON.stringify(requests[0]?.messages);
    assert.equal(json.split('"type":"image"').length - 1, 20);
    assert.match(json, /An image, which can't be shown in an error/);
  });

  it('that the API can’t read go alone, and are in no later turn', async () => {
    const exchanges = shots(4, (at) => (at === 1 ? image(9_000, 10) : image()));
    const requests = await withStrictEndpoint(
      () => said('done'),
      async (model) => {
        const first = await model.takeTurn({ ...turn, exchanges });
        assert.equal(first.refused?.length, 1);
        const next = await model.takeTurn({ ...turn, exchanges, refused: first.refused ?? [] });
        assert.deepEqual(next.refused, first.refused);
      },
    );
    assert.equal(requests.length, 3, 'the image is refused once');
    assert.deepEqual(
      requests.slice(1).map((request) => resultsOf(request).map((result) => lastOf(result)?.type)),
      Array(2).fill(['image', 'text', 'image', 'image']),
    );
  });

  it('go all where the refusal names none', async () => {
    const broken: ContentBlock = {
      type: 'image',
      source: { type: 'base64', media_type: 'image/png', data: 'AAAA' },
    };
    const exchanges = shots(3, (at) => (at === 1 ? broken : image()));
    const requests = await withStrictEndpoint(
      () => said('done'),
      async (model) => {
        assert.equal(
          (await model.takeTurn({ ...turn, exchanges })).refused?.length,
          2,
          'equal images have one key',
        );
      },
    );
    assert.equal(requests.length, 2);
  });
});

describe('a refusal', () => {
  it('that names a part has the request made once more without the part', async () => {
    const exchanges: Exchange[] = [
      { role: 'assistant', content: [called('c1'), called('c2')] },
      {
        role: 'user',
        content: ['c1', 'c2'].map((id) => resultBlock(id, [textBlock(`Answer of ${id}`)], false)),
      },
    ];
    const answer: Answer = (body) =>
      JSON.stringify(body).includes('Answer of c2')
        ? badRequest('messages.2.content.1.tool_result.content.0.text: Input is not acceptable')
        : said('done');
    await withEndpoint(answer, async (model, requests) => {
      const done = await model.takeTurn({ ...turn, exchanges });
      assert.equal(done.text, 'done');
      assert.equal(requests.length, 2);
      const [first, second] = requests.slice(-1).flatMap(resultsOf);
      assert.match(JSON.stringify(first), /Answer of c1/);
      assert.match(JSON.stringify(second), /left out: the model's API refused it/);
      await model.takeTurn({ ...turn, exchanges, refused: done.refused ?? [] });
      assert.equal(requests.length, 3, 'it is remembered');
    });
  });

  it('that names a message has the message sent in words', async () => {
    const answer: Answer = (body) =>
      JSON.stringify(body).includes('Shot 1')
        ? badRequest('messages.4: Input is not acceptable')
        : said('done');
    await withEndpoint(answer, async (model, requests) => {
      assert.equal((await model.takeTurn({ ...turn, exchanges: shots(3) })).text, 'done');
      assert.equal(requests.length, 2);
      assert.match(JSON.stringify(requests[1]), /Shot 0.*refused it.*Shot 2/);
    });
  });

  for (const words of [
    'messages.1.content.1: Input tag ‘web_search_tool_result’ does not match any of the expected tags',
    'Unsupported content type: server_tool_use',
  ]) {
    it(`of what ran on the model’s side, in an earlier turn, has it sent in words: ${words}`, async () => {
      const search = { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'x' } };
      const found = { type: 'web_search_tool_result', tool_use_id: 's1', content: [] };
      const exchanges: Exchange[] = [
        { role: 'assistant', content: [search, found, textBlock('Found nothing.'), called('c1')] },
        { role: 'user', content: [resultBlock('c1', [textBlock('Answer of c1')], false)] },
      ];
      const answer: Answer = (body) =>
        /server_tool_use|web_search_tool_result/.test(JSON.stringify(body.messages))
          ? badRequest(words)
          : said('done');
      await withEndpoint(answer, async (model, requests) => {
        const done = await model.takeTurn({ ...turn, exchanges });
        assert.deepEqual([done.text, done.refused], ['done', ['server s1']]);
        assert.equal(requests.length, 2);
        assert.match(JSON.stringify(requests[1]), /refused it.*Found nothing.*Answer of c1/);
      });
    });
  }

  it('that stays is the end after a few different requests, and none is sent twice', async () => {
    const answer: Answer = ({ messages }, count) =>
      badRequest(`messages.${1 + (count % (messages.length - 1))}.content.0: Input is not acceptable`);
    await withEndpoint(answer, async (model, requests) => {
      await assert.rejects(model.takeTurn({ ...turn, exchanges: shots(20) }), /refused the request/);
      assert.ok(requests.length <= 6, `${requests.length} requests`);
      assert.equal(new Set(requests.map((request) => JSON.stringify(request))).size, requests.length);
    });
  });

  for (const [how, status, error, headers] of [
    ['a type that passes', 400, { type: 'api_error', message: 'no' }, {}],
    ['a status of its own', 422, { message: 'no' }, {}],
    ['the status of a fault', 500, { type: 'invalid_request_error', message: 'no' }, {}],
    ['the wish to be asked again', 400, { message: 'no' }, { 'x-should-retry': 'true' }],
  ] as const) {
    it(`is final, and is not tried again, where a gateway gives it ${how}`, async () => {
      const refuse = () => ({ status, body: { type: 'error', error }, headers });
      await withEndpoint(refuse, async (model) => {
        await assert.rejects(model.takeTurn(turn), (failure) => {
          assert.ok(failure instanceof RemoteError);
          assert.deepEqual([failure.code, failure.retryable], ['InvalidRequestError', false]);
          return true;
        });
      });
    });
  }

  it('of the assignment itself can’t be mended', async () => {
    await withEndpoint(
      () => badRequest('messages.0.content.0.text: Input is not acceptable'),
      async (model, requests) => {
        await assert.rejects(model.takeTurn(turn), /Input is not acceptable/);
        assert.equal(requests.length, 1);
      },
    );
  });
});
