import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ruleFor } from '../../src/run/execution/rules.js';
import { canonicalCall, matches, type ShownCall, textOf } from '../../src/run/execution/tools.js';
import { MAX_IMAGE_CHARS, MAX_TEXT_BYTES } from '../../src/tools/limits.js';
import { adaptSchema } from '../../src/tools/mcp/list-tools.js';
import { prefixOf, toolName } from '../../src/tools/names.js';
import { toResult } from '../../src/tools/result.js';

describe('a rule', () => {
  const tool = { name: 'github__delete_repo', readOnly: false };
  it('is the first that matches; else reading runs and anything else asks', () => {
    const rules = [
      { match: 'github__*delete*', rule: 'deny' as const },
      { match: 'github__*', rule: 'allow' as const },
    ];
    assert.equal(ruleFor(rules, tool), 'deny');
    assert.equal(ruleFor(rules.toReversed(), tool), 'allow');
    assert.equal(ruleFor(rules, { name: 'jira__delete', readOnly: false }), 'ask');
    assert.equal(ruleFor(rules, { name: 'jira__get', readOnly: true }), 'allow');
    assert.equal(
      ruleFor([{ match: 'jira__get', rule: 'ask' }], { name: 'jira__get', readOnly: true }),
      'ask',
    );
  });

  it('matches as the regular expression would', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '_', '.', '*'), maxLength: 12 });
    const names = fc.string({ unit: fc.constantFrom('a', 'b', '_', '.'), maxLength: 12 });
    fc.assert(
      fc.property(letters, names, (glob, name) => {
        const escaped = glob.split('*').map((part) => part.replaceAll('.', '\\.'));
        assert.equal(matches(glob, name), new RegExp(`^${escaped.join('.*')}$`).test(name));
      }),
      { numRuns: 5_000 },
    );
  });

  it('takes no longer for a glob of stars', () => {
    const startedAt = performance.now();
    assert.equal(matches(`${'*a'.repeat(5_000)}*b`, 'a'.repeat(20_000)), false);
    assert.ok(performance.now() - startedAt < 1_000);
  });
});

describe('a call', () => {
  const json = fc.dictionary(fc.string(), fc.jsonValue());
  const shuffled = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shuffled);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, part]) => [key, shuffled(part)]),
    );
  };

  it('is the same whatever the order of its arguments', () => {
    fc.assert(
      fc.property(fc.string(), json, (name, input) => {
        const other = shuffled(input) as Record<string, unknown>;
        assert.equal(canonicalCall({ name, input: other }), canonicalCall({ name, input }));
      }),
    );
  });

  it('is another when anything in it differs', () => {
    const same = (one: unknown, other: unknown) => {
      try {
        assert.deepEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)));
        return true;
      } catch {
        return false;
      }
    };
    fc.assert(
      fc.property(json, json, (one, other) => {
        const canonical = (input: Record<string, unknown>) => canonicalCall({ name: 't', input });
        assert.equal(canonical(one) === canonical(other), same(one, other));
      }),
    );
    const canonical = (own: Partial<ShownCall>) => canonicalCall({ name: 'a', input: {}, ...own });
    assert.notEqual(canonical({}), canonical({ name: 'b' }));
    assert.notEqual(canonical({ input: { x: [1, 2] } }), canonical({ input: { x: [2, 1] } }));
    for (const own of [
      { sentence: 'Add it' },
      { step: 1 },
      { reason: 'why' },
      { readOnly: true },
      { destructive: true as const },
      { definition: 'd' },
      { edited: { by: [], from: {} } },
    ])
      assert.notEqual(canonical(own), canonical({}), 'what its message says of it belongs to it');
  });
});

describe('a tool’s name', () => {
  it('is server__tool where that fits', () => {
    assert.equal(toolName('github', 'create-issue'), 'github__create-issue');
    assert.equal(toolName('my files!', 'read'), 'my_files__read');
    assert.equal(prefixOf('__a__b__'), 'a_b__');
    assert.equal(prefixOf('日本'), 'server__');
  });

  it('always fits the Messages API, stays what it was, and is another for another tool', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string({ minLength: 1 }),
        fc.string({ minLength: 1 }),
        (server, one, other) => {
          assert.match(toolName(server, one), /^[A-Za-z0-9_-]{1,64}$/);
          assert.ok(toolName(server, one).startsWith(prefixOf(server)));
          assert.equal(toolName(server, one), toolName(server, one));
          if (one !== other) assert.notEqual(toolName(server, one), toolName(server, other));
        },
      ),
      { numRuns: 2_000 },
    );
    assert.notEqual(toolName('s', 'files.read'), toolName('s', 'files/read'));
    assert.notEqual(toolName('s', `${'x'.repeat(90)}1`), toolName('s', `${'x'.repeat(90)}2`));
  });
});

describe('a tool’s schema', () => {
  it('loses what the Messages API refuses at its top, and says it in words', () => {
    const anyOf = [{ required: ['a'] }, { required: ['b'] }];
    const offered = adaptSchema({ type: 'object', properties: { a: {}, b: { anyOf: [] } }, anyOf });
    assert.deepEqual(offered?.schema, { type: 'object', properties: { a: {}, b: { anyOf: [] } } });
    assert.match(offered?.note ?? '', /must also match.*"anyOf"/);
    assert.equal(adaptSchema({})?.note, '');
  });

  it('is not offered when the names of its arguments would be refused', () => {
    assert.equal(adaptSchema({ type: 'object', properties: { 'a b': {} } }), undefined);
  });
});

describe('an answer', () => {
  const png = (width: number, height: number, bytes = 64) => {
    const image = Buffer.alloc(bytes);
    image.write('\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR', 'latin1');
    image.writeUInt32BE(width, 16);
    image.writeUInt32BE(height, 20);
    return image.toString('base64');
  };
  const image = (data: string, mimeType = 'image/png') => ({ type: 'image', data, mimeType });
  const text = (said: string) => ({ type: 'text', text: said });

  it('keeps the order of text and images', () => {
    const { content } = toResult({ content: [text('one'), text('two'), image(png(1, 1)), text('three')] });
    assert.deepEqual(
      content.map((block) => (block.type === 'text' ? block.text : block.type)),
      ['one\ntwo', 'image', 'three'],
    );
    const [, block] = content;
    assert.deepEqual(block?.source, { type: 'base64', media_type: 'image/png', data: png(1, 1) });
  });

  it('is cut at the limit, never in the middle of a character, and says how much is missing', () => {
    const result = toResult({ content: [text('😀'.repeat(MAX_TEXT_BYTES / 2)), text('and more')] });
    const said = textOf(result);
    assert.equal(result.cut, true);
    assert.ok(!said.includes('\ufffd') && !said.includes('and more'));
    assert.match(said, /\n\[100,008 bytes more were cut off here/);
    assert.ok(Buffer.byteLength(said) < MAX_TEXT_BYTES + 200);
    assert.equal(toResult({ content: [text('short')] }).cut, undefined);
  });

  it('shows what an image really is, whatever it is called', () => {
    const kinds: [string, Buffer][] = [
      ['image/gif', Buffer.from('GIF89a\x02\x00\x03\x00'.padEnd(40, '\0'), 'latin1')],
      [
        'image/jpeg',
        Buffer.from(
          '\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x03\x00\x02'.padEnd(40, '\0'),
          'latin1',
        ),
      ],
      [
        'image/webp',
        Buffer.from(
          'RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x02\x00\x00'.padEnd(
            40,
            '\0',
          ),
          'latin1',
        ),
      ],
    ];
    for (const [mediaType, bytes] of kinds) {
      const [block] = toResult({ content: [image(bytes.toString('base64'), 'image/png')] }).content;
      assert.equal((block?.source as { media_type?: string })?.media_type, mediaType);
    }
  });

  it('says in words which images can’t be shown, and why', () => {
    const said = (data: string, mimeType?: string) => textOf(toResult({ content: [image(data, mimeType)] }));
    assert.match(
      said(Buffer.from('<svg/>'.repeat(20)).toString('base64'), 'image/svg+xml'),
      /image\/svg\+xml: only PNG/,
    );
    assert.match(said(png(10, 9_000)), /10 × 9000.*8000 pixels at most/);
    assert.match(said(png(10, 10, MAX_IMAGE_CHARS)), /too large/);
    const many = toResult({ content: Array.from({ length: 4 }, () => image(png(9, 9, 500_000))) });
    assert.equal(many.content.filter(({ type }) => type === 'image').length, 2);
    assert.match(textOf(many), /too many in one answer/);
    assert.ok(JSON.stringify(many).length < 2_000_000, 'within what Temporal takes');
  });

  it('keeps links, resources and structure as text', () => {
    const said = textOf(
      toResult({
        content: [
          { type: 'resource_link', uri: 'file:///a.txt', name: 'a.txt', description: 'the first' },
          { type: 'resource', resource: { uri: 'note://1', text: 'the note' } },
          { type: 'resource', resource: { uri: 'bin://1', blob: 'AAAA', mimeType: 'application/zip' } },
          { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' },
          { type: 'hologram' },
        ],
        structuredContent: { ignored: true },
      }),
    );
    assert.match(said, /\[Link: file:\/\/\/a\.txt \(a\.txt: the first\)\]/);
    assert.match(said, /\[Resource: note:\/\/1\]\nthe note/);
    assert.match(said, /\[Resource: bin:\/\/1\]\n\[Binary, application\/zip, 3 bytes/);
    assert.match(said, /\[Audio, audio\/wav/);
    assert.match(said, /type "hologram"/);
    assert.doesNotMatch(said, /ignored/);
    assert.equal(textOf(toResult({ content: [], structuredContent: { a: 1 } })), '{"a":1}');
  });

  it('counts as an answer, however deep it is nested', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    for (const answer of [{ content: [], structuredContent: deep }, { content: [{ type: deep }] }])
      assert.match(textOf(toResult(answer)), /nested too deep/);
  });

  it('never holds a block that the Messages API refuses as empty', () => {
    for (const content of [[], [text('')], [text(' \n')]]) {
      assert.deepEqual(toResult({ content }).content, [
        { type: 'text', text: '(The tool answered nothing.)' },
      ]);
    }
    assert.equal(textOf(toResult({ content: [text('a\0b\ud800')] })), 'a\ufffdb\ufffd');
  });

  it('passes on that it is an error', () => {
    assert.equal(toResult({ content: [text('no')], isError: true }).isError, true);
    assert.equal(toResult({ content: [text('yes')] }).isError, false);
  });
});
