import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KnownBlock, TableBlock } from '@slack/types';
import fc from 'fast-check';
import { blockProblems, isTooLong } from '../../../sandbox/workspace/validation/blocks.js';
import type { ResultReport } from '../../../src/run/message.js';
import { markdownBlocks } from '../../../src/slack/messages/kit/markdown/markdown.js';
import { costText, durationText } from '../../../src/slack/messages/kit/text.js';
import { resultPages, shortResult } from '../../../src/slack/messages/result/result.js';
import { ana } from '../../support/samples.js';

const report: ResultReport = {
  usage: { turns: 12, toolCalls: 1, tokens: 34_567, costUsd: 0.0312 },
  tookMs: 130_000,
  sources: [{ title: 'How to', url: 'https://docs.example.com/notes' }],
};

function result(text: string, own: Partial<ResultReport> = {}) {
  return { shortId: 'abcd2345', requester: ana, text, report: { ...report, ...own } };
}

function assertTaken(pages: KnownBlock[][]): void {
  for (const page of pages) {
    assert.deepEqual(blockProblems(page, 'messages'), []);
    assert.ok(!isTooLong(page));
    assert.ok(page.filter(({ type }) => type === 'table').length <= 1, 'one table a message');
  }
}

const tables = (blocks: KnownBlock[]) =>
  blocks.filter((block): block is TableBlock => block.type === 'table');
const table = (rows: number, columns: number, cell = 'x') => {
  const line = `|${` ${cell} |`.repeat(columns)}`;
  return [line, `|${'---|'.repeat(columns)}`, ...Array.from({ length: rows }, () => line)].join('\n');
};

describe('a table in a result', () => {
  it('is one of Slack’s own, wrapped, so that a narrow thread shows all of it', () => {
    const blocks = markdownBlocks(
      '| Option | Cost |\n|:--|--:|\n| **Keep** | `3` |\n| [Drop](https://x.example/a) | |',
    );
    assertTaken([blocks]);
    const [drawn] = tables(blocks);
    assert.equal(drawn?.rows.length, 3);
    assert.deepEqual(drawn?.column_settings, [
      { align: 'left', is_wrapped: true },
      { align: 'right', is_wrapped: true },
    ]);
    const text = JSON.stringify(drawn);
    for (const part of ['"bold":true', '"code":true', '(x.example)']) assert.ok(text.includes(part), part);
    assert.deepEqual(drawn?.rows[2]?.[1], { type: 'raw_text', text: ' ' }, 'no cell is empty');
  });

  for (const [what, markdown] of [
    ['more than 100 rows', table(100, 2)],
    ['more than 20 columns', table(2, 21)],
    ['too much text', table(90, 10, 'a longer cell of text')],
  ] as const) {
    it(`becomes aligned text when it has ${what}`, () => {
      const blocks = markdownBlocks(markdown);
      assert.equal(tables(blocks).length, 0);
      assert.ok(JSON.stringify(blocks).includes('rich_text_preformatted'));
    });
  }

  it('stays Slack’s own up to 100 rows and 20 columns', () => {
    for (const markdown of [table(99, 2), table(2, 20)]) {
      const blocks = markdownBlocks(markdown);
      assertTaken([blocks]);
      assert.equal(tables(blocks).length, 1);
    }
  });

  it('has a message of its own where there are several', () => {
    const pages = resultPages(result(`${table(3, 2)}\n\nThen\n\n${table(4, 2)}`));
    assertTaken(pages);
    assert.equal(pages.length, 2);
    assert.equal(shortResult(result(`${table(3, 2)}\n\nThen\n\n${table(4, 2)}`)), undefined);
  });

  it('cannot ping anybody, and hides no link', () => {
    const blocks = markdownBlocks(
      '| <!channel> | [bank](https://evil.example/x) |\n|---|---|\n| <@U1> | x |',
    );
    const text = JSON.stringify(blocks);
    assert.ok(!/mrkdwn|"type":"(user|broadcast)"/.test(text));
    assert.ok(text.includes('(evil.example)'));
  });
});

describe('a result that is made to block the service', () => {
  const hostile = {
    '64,000 characters of _a': '_a'.repeat(32_000),
    '5,000 quotations in each other': '>'.repeat(5_000),
    'lists in each other': Array.from({ length: 300 }, (_, depth) => `${'  '.repeat(depth)}- a`).join('\n'),
    'open brackets': '['.repeat(30_000),
    'links in links': '[a]('.repeat(7_500),
    'bold that never ends': '**a '.repeat(7_500),
    'a table of many columns': `|${'a|'.repeat(4_000)}\n|${'-|'.repeat(4_000)}\n${'x\n'.repeat(4_000)}`,
    'one wide cell in a long table': `|a|\n|-|\n|${'w'.repeat(15_000)}|\n${'|x|\n'.repeat(3_000)}`,
  };
  for (const [name, text] of Object.entries(hostile)) {
    it(`is drawn in a moment, and loses nothing: ${name}`, () => {
      const began = performance.now();
      const pages = resultPages(result(text));
      const short = shortResult(result(text));
      assert.ok(performance.now() - began < 10_000, `${performance.now() - began} ms`);
      if (text.length <= 10_000) assertTaken(pages);
      if (short) assertTaken([short.blocks]);
      const shown = JSON.stringify(pages);
      const drawn = (character: string) => shown.split(character).length - 1;
      if (name.startsWith('5,000')) assert.ok(drawn('>') >= 5_000, 'as plain text');
      if (name.startsWith('lists')) assert.ok(drawn('- a') === 300, 'as plain text');
    });
  }
});

describe('a result', () => {
  it('mentions who asked, names its sources with their domains, and says what it cost', () => {
    const [page = []] = resultPages(result('Done: **all** of it.'));
    assertTaken([page]);
    const text = JSON.stringify(page);
    for (const part of [
      '<@UANA>',
      'docs.example.com',
      'Total: 12 model replies · 1 action · 34,567 tokens · about $0.031 · 2 min',
    ]) {
      assert.ok(text.includes(part), part);
    }
  });

  it('says nothing of money where the model has no price', () => {
    const usage = { ...report.usage, costUsd: 0 };
    const shown = JSON.stringify(resultPages(result('Done', { usage })));
    assert.ok(!shown.includes('$'));
    assert.match(shown, /34,567 tokens · cost unknown/);
  });

  it('says how many sources it leaves out, and names none twice', () => {
    const sources = Array.from({ length: 60 }, (_, index) => ({
      title: `Page ${index % 50}`,
      url: `https://docs.example.com/${index % 50}`,
    }));
    const text = JSON.stringify(resultPages(result('Done', { sources })));
    assert.ok(text.includes('30 more sources'));
    assert.equal(text.split('"Page 3"').length, 2);
  });

  it('that is long is its beginning, and a file with all of it', () => {
    const text = [
      '# Report',
      ...Array.from({ length: 200 }, (_, index) => `Paragraph ${index}. ${'Word '.repeat(40)}`),
    ].join('\n\n');
    const short = shortResult(result(text));
    assert.ok(short);
    assertTaken([short.blocks]);
    assert.deepEqual(short.attachment, { name: 'result-abcd2345.md', text });
    const shown = JSON.stringify(short.blocks);
    for (const part of ['<@UANA>', 'Paragraph 0.', '`result-abcd2345.md`', 'about $0.031']) {
      assert.ok(shown.includes(part), part);
    }
    const last = /Paragraph (\d+)\.( Word)+/g;
    for (const [paragraph] of shown.matchAll(last))
      assert.equal(paragraph.split('Word').length, 41, 'cut between paragraphs');
  });

  it('that is long does not break off at a heading', () => {
    const text = `${'First. '.repeat(300)}\n\n## Next\n\n${'Second. '.repeat(6_000)}`;
    const shown = JSON.stringify(shortResult(result(text))?.blocks);
    assert.ok(shown.includes('First.') && !shown.includes('Next'));
  });

  it('that is one long paragraph, list or table shows some of it', () => {
    for (const text of [
      'Word '.repeat(9_000),
      Array.from({ length: 3_000 }, (_, index) => `- Item ${index}`).join('\n'),
      table(2_000, 3, 'a cell'),
    ]) {
      const short = shortResult(result(text));
      assert.ok(short);
      assertTaken([short.blocks]);
      assert.ok(/Word|Item|a cell/.test(JSON.stringify(short.blocks)));
    }
  });

  it('is taken by Slack, however long and whatever is in it', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20_000 }),
      fc
        .array(fc.lorem({ maxCount: 30 }), { minLength: 1, maxLength: 400 })
        .map((lines) => lines.join('\n\n')),
      fc
        .tuple(fc.integer({ min: 1, max: 130 }), fc.integer({ min: 1, max: 24 }), fc.lorem())
        .map(([rows, columns, cell]) => `${table(rows, columns, cell)}\n\n${table(2, 2)}`),
    );
    const sources = fc.array(fc.record({ title: fc.string(), url: fc.oneof(fc.webUrl(), fc.string()) }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(text, sources, (given, from) => {
        const own = result(given, { sources: from });
        assertTaken(resultPages(own));
        const short = shortResult(own);
        if (short) assertTaken([short.blocks]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('amounts', () => {
  it('tell money to two significant digits', () => {
    const told: [number, string][] = [
      [0.03, '0.03'],
      [0.0312, '0.031'],
      [0.000123, '0.00012'],
      [0.1, '0.10'],
      [1.26, '1.30'],
      [9.96, '10'],
      [123, '120'],
      [12_345, '12,000'],
    ];
    for (const [usd, words] of told) assert.equal(costText(usd), `about $${words}`);
  });

  it('tell time in the units that people use', () => {
    const told = {
      400: '1 s',
      59400: '59 s',
      61000: '1 min',
      3599999: '1 h',
      3900000: '1 h 5 min',
      7200000: '2 h',
    };
    for (const [ms, words] of Object.entries(told)) assert.equal(durationText(Number(ms)), words);
  });
});
