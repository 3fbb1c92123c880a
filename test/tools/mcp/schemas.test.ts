import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { type SimulatedModel, startSimulatedModel } from '../../../sandbox/model/index.js';
import { createModel } from '../../../src/llm/index.js';
import { RemoteError } from '../../../src/platform/errors.js';
import { textOf } from '../../../src/run/execution/tools.js';
import { problemLines } from '../../../src/slack/messages/private/status.js';
import { createToolbox, type Toolbox } from '../../../src/tools/index.js';
import { mendSchema } from '../../../src/tools/mcp/schemas/mend-schema.js';
import { plan } from '../../support/samples.js';

const DRAFT_7 = 'http://json-schema.org/draft-07/schema#';
const DRAFT_2020 = 'https://json-schema.org/draft/2020-12/schema';
const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
const pair = [{ type: 'number' }, { type: 'string' }];

describe('a schema of an older draft, or of a careless server', () => {
  const mended: [what: string, given: Record<string, unknown>, becomes: object][] = [
    [
      'a tuple of draft 7',
      object({ at: { type: 'array', items: pair, additionalItems: false } }, { $schema: DRAFT_7 }),
      object({ at: { type: 'array', prefixItems: pair, items: false } }),
    ],
    [
      'an empty tuple',
      object({ at: { items: [], additionalItems: false } }),
      object({ at: { items: false } }),
    ],
    [
      'a tuple of 2020-12',
      object({ at: { prefixItems: pair, items: false } }),
      object({ at: { prefixItems: pair, items: false } }),
    ],
    [
      'exclusive bounds of draft 4',
      object({ n: { minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false } }),
      object({ n: { exclusiveMinimum: 0, maximum: 9 } }),
    ],
    ['a bound that bounds nothing', object({ n: { exclusiveMinimum: true } }), object({ n: {} })],
    [
      '"required": true in a property',
      object({ a: { type: 'string', required: true }, b: { required: false }, required: { type: 'string' } }),
      object({ a: { type: 'string' }, b: {}, required: { type: 'string' } }, { required: ['a'] }),
    ],
    [
      'a name that is required twice',
      object({ a: {} }, { required: ['a', 'a'] }),
      object({ a: {} }, { required: ['a'] }),
    ],
    [
      '"type": "any"',
      object({ a: { type: 'any' }, b: { type: ['string', 'any'] } }),
      object({ a: {}, b: {} }),
    ],
    [
      'null for what is absent',
      {
        ...object({ a: { enum: null, default: null, const: null }, b: null }),
        required: null,
        description: null,
      },
      object({ a: { default: null, const: null }, b: {} }),
    ],
    [
      'lists for empty objects',
      { type: 'object', properties: [], $defs: { a: [] } },
      object({}, { $defs: { a: {} } }),
    ],
    ['annotations of another type', object({ a: { examples: 'x', title: 1 } }), object({ a: {} })],
  ];
  for (const [what, given, becomes] of mended) {
    it(`is mended: ${what}`, () => assert.deepEqual(mendSchema(given), { schema: becomes }));
  }

  it('allows what it allowed, and refuses what it refused', () => {
    const scalar = fc.constantFrom(null, true, 0, 1, 2.5, 'a', '');
    const names = fc.constantFrom('a', 'b', 'items', 'required');
    const { schema } = fc.letrec<{ schema: object }>((tie) => {
      const child = tie('schema');
      const part = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 });
      return {
        schema: fc
          .record({
            type: part(fc.constantFrom('object', 'array', 'number', 'string', ['array', 'null'])),
            properties: part(fc.dictionary(names, child, { maxKeys: 2 })),
            required: part(fc.array(names, { maxLength: 2 })),
            dependencies: part(
              fc.dictionary(names, fc.oneof(child, fc.uniqueArray(names, { maxLength: 2 })), { maxKeys: 1 }),
            ),
            items: part(fc.oneof({ maxDepth: 3 }, child, fc.array(child, { maxLength: 2 }))),
            additionalItems: part(fc.oneof({ maxDepth: 3 }, fc.boolean(), child)),
            not: part(fc.constantFrom({ type: 'string' }, { items: [{ type: 'number' }] })),
            exclusiveMinimum: part(fc.constantFrom(0, 1)),
            const: fc.option(scalar, { nil: undefined, freq: 9 }),
          })
          .map((whole) => JSON.parse(JSON.stringify(whole)) as object),
      };
    });
    const element = fc.oneof(
      scalar,
      fc.dictionary(names, scalar, { maxKeys: 2 }),
      fc.array(scalar, { maxLength: 3 }),
    );
    const inputs = fc.oneof(
      element,
      fc.dictionary(names, element, { maxKeys: 3 }),
      fc.array(element, { maxLength: 3 }),
    );
    const options = { strict: false, validateSchema: false, logger: false as const };
    fc.assert(
      fc.property(schema, fc.array(inputs, { minLength: 5, maxLength: 10 }), (given, values) => {
        const becomes = mendSchema(given as Record<string, unknown>);
        assert.ok('schema' in becomes, JSON.stringify(given));
        const before = new Ajv(options).compile(given);
        const after = new Ajv2020(options).compile(becomes.schema);
        for (const value of values) assert.equal(after(value), before(value), JSON.stringify([given, value]));
      }),
      { numRuns: 300 },
    );
  });

  for (const [what, given, problem] of [
    ['a misspelt type', object({ a: { type: 'strng' } }), 'properties.a.type is "strng"'],
    ['a type in place of a schema', object({ a: 'number' }), 'properties.a is "number"'],
    ['a bound as a text', object({ a: { minimum: '0' } }), 'properties.a.minimum is "0"'],
  ] as const) {
    it(`can’t be mended: ${what}`, () => assert.deepEqual(mendSchema(given), { problem }));
  }
});

describe('a server with schemas that the Messages API would refuse', () => {
  const folder = mkdtempSync(join(tmpdir(), 'schemas-'));
  const logged: string[] = [];
  const write = (fields: object, message: string) => logged.push(`${JSON.stringify(fields)} ${message}`);
  let toolbox: Toolbox;
  let simulated: SimulatedModel;
  before(async () => {
    const tool = (name: string, properties: object, more: object = {}) => ({
      ...{ name, description: `It does ${name}.`, inputSchema: object(properties, more) },
    });
    const file = join(folder, 'tools.json');
    const tuple = { type: 'array', minItems: 2 };
    const tools = [
      tool('move', { to: { ...tuple, items: pair, additionalItems: false } }, { $schema: DRAFT_7 }),
      tool('draw', { to: { ...tuple, prefixItems: pair, items: false } }, { $schema: DRAFT_2020 }),
      tool('weigh', { grams: { type: 'number', minimum: 0, exclusiveMinimum: true, required: true } }),
      tool('misspelt', { a: { type: 'strng' } }),
    ];
    writeFileSync(file, JSON.stringify(tools));
    const script = fileURLToPath(new URL('../../support/mcp/listing-server.mjs', import.meta.url));
    toolbox = createToolbox({
      servers: [
        { name: 'old', transport: 'stdio', command: process.execPath, args: [script, file], env: {} },
      ],
      log: { debug: write, info: write, warn: write },
    });
    while (toolbox.problems().length > 0) await toolbox.started();
    simulated = await startSimulatedModel();
  });
  after(async () => {
    await toolbox.close();
    await simulated.stop();
    rmSync(folder, { recursive: true });
  });

  it('loses only the tool that can’t be mended, which the start, status and doctor name', async () => {
    const names = (await toolbox.list()).map(({ name }) => name);
    assert.deepEqual(names, ['fetch_url', 'old__move', 'old__draw', 'old__weigh']);
    const reason = 'its schema is not valid JSON Schema: properties.a.type is "strng".';
    assert.deepEqual(toolbox.leftOut(), [{ server: 'old', tool: 'misspelt', reason }]);
    assert.match(logged.join('\n'), /The tool misspelt can't be offered: its schema/);
    assert.match(
      problemLines(toolbox.leftOut()).join(),
      /The tool `misspelt` of `old` isn't offered: .its schema/,
    );
  });

  it('doesn’t fill an answer with their names', () => {
    const many = Array.from({ length: 15 }, (_, index) => ({
      server: 'old',
      tool: `tool_${index}`,
      reason: 'x',
    }));
    assert.equal(problemLines(many).length, 11);
    assert.equal(problemLines(many).at(-1), ':warning: 5 more problems with tools');
  });

  it('spoils no run', async () => {
    const model = createModel({
      apiKey: simulated.apiKey,
      baseURL: simulated.url,
      model: 'claude-sonnet-5-5',
    });
    const turn = {
      goal: 'Weigh it',
      plan,
      approval: { by: 'UANA', note: '' },
      exchanges: [],
      serverTools: [],
    };
    assert.equal((await model.takeTurn({ ...turn, tools: await toolbox.list() })).end, 'done');
  });

  it('is called with arguments that match, in whichever draft', async () => {
    for (const name of ['old__move', 'old__draw']) {
      assert.match(textOf(await toolbox.call(name, { to: [1, 'x'] })), /\[1,"x"\]/);
      for (const to of [
        ['x', 1],
        [1, 'x', 2],
      ])
        await assert.rejects(toolbox.call(name, { to }), isInvalid, `${name} ${JSON.stringify(to)}`);
    }
    assert.match(textOf(await toolbox.call('old__weigh', { grams: 1 })), /grams/);
    for (const input of [{ grams: 0 }, {}])
      await assert.rejects(toolbox.call('old__weigh', input), isInvalid);
  });
});

function isInvalid(error: unknown): boolean {
  return error instanceof RemoteError && error.code === 'InvalidArguments';
}
