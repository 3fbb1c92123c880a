import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { blockProblems } from '../../../sandbox/workspace/validation/blocks.js';
import { markdownBlocks } from '../../../src/slack/messages/kit/markdown/markdown.js';
import { paginate } from '../../../src/slack/messages/kit/paginate.js';
import { drawBlocks } from '../../support/draw-blocks.js';

const URL = 'https://a.example/x';

/** A text of a model, and the lines that people see. */
const CASES: Record<string, [markdown: string, ...lines: string[]]> = {
  'code in a list item': [
    '- Run\n  ```sh\n  rm -rf build\n  ls\n  ```\n  and look.\n- Done',
    '• Run',
    '⌨ rm -rf build\nls',
    '¶ and look.',
    '• Done',
  ],
  'code in a numbered item, which goes on counting': [
    '1. One\n2. Two\n   ```\n   a\n     b\n   ```\n3. Three',
    '1. One',
    '2. Two',
    '⌨ a\n  b',
    '3. Three',
  ],
  'indented code in a list item': ['- Run\n\n      ls -l\n', '• Run', '⌨ ls -l'],
  'an item that is only code': ['- ```\n  ls\n  ```', '•  ', '⌨ ls'],
  'code in an item of an inner list': ['- A\n  - B\n    ```\n    ls\n    ```', '• A', '  • B', '⌨ ls'],
  'a fence in a quotation': ['> Run\n> ```\n> ls\n> ```\n> now', '| Run', '| ⌨ ls', '| now'],
  'lists in a quotation': ['> Why:\n> - a\n>   1. b', '| Why:', '| • a', '|   1. b'],
  'a quotation in a list item': ['- He said\n  > no\n- Then', '• He said', '| no', '• Then'],
  'a table in a list item': ['- | a | b |\n  |--|--|\n  | 1 | 2 |', '•  ', '⌨ a  b\n─  ─\n1  2'],
  'a table in a quotation': ['> | a | b |\n> |--|--|\n> | 1 | 2 |', '| ⌨ a  b\n─  ─\n1  2'],
  'text after an inner list': ['- A\n  - B\n\n  C\n- D', '• A', '  • B', '¶ C', '• D'],
  'a line in a list item': ['- A\n\n  ***\n\n  B', '• A\n———\nB'],
  'a heading in a list item': ['- # A\n  B', '• <b>A</b>\nB'],
  'boxes of tasks': ['- [ ] A\n- [x] B\n- [X] **C**\n1. [ ] D', '• ☐ A', '• ☑ B', '• ☑ <b>C</b>', '1. ☐ D'],
  'a box with nothing after it': ['- [ ]\n- [x]', '• ☐ ', '• ☑ '],
  'a box that is drawn already': ['- ☐ [ ] A\n- [x] ☑ B\n- [ ] [ ] C', '• ☐ A', '• ☑ B', '• ☐ C'],
  'a box that is drawn already, outside of a list': ['☐ [ ] A\n☑ [x] B', '¶ ☐ A\n☑ B'],
  'brackets that are no box': ['- [x](https://a.example/x)\n- [ ]A', `• x→${URL} (a.example)`, '• [ ]A'],
  'a list that begins at 0': ['0. A\n1. B', '• 0. A', '• 1. B'],
  'a list that begins at 7, with a list in it': ['7. A\n   - B\n8. C', '7. A', '  • B', '8. C'],
  'a bold link': [
    `**[A](${URL})** [**B**](${URL})`,
    `¶ <b>A→${URL}</b> (a.example) <b>B→${URL}</b> (a.example)`,
  ],
  'a bold address': [`**${URL}**: see`, `¶ <b>${URL}→${URL}</b>: see`],
  'an address in italics, and one that is crossed out': [
    `_Source: ${URL}_, ~~${URL}~~.`,
    `¶ <i>Source: </i><i>${URL}→${URL}</i>, <s>${URL}→${URL}</s>.`,
  ],
  'an address with underscores': [
    'https://a.example/_next_/a_b',
    '¶ https://a.example/_next_/a_b→https://a.example/_next_/a_b',
  ],
  'entities in a link': [
    '[A &amp; B](https://a.example/?a=1&amp;b=2)',
    '¶ A & B→https://a.example/?a=1&b=2 (a.example)',
  ],
  'entities in an address': [
    'https://a.example/?a=1&amp;b=2 &lt;https://a.example/x&gt;',
    `¶ https://a.example/?a=1&b=2→https://a.example/?a=1&b=2 <${URL}→${URL}>`,
  ],
  'an image with markup in its name': [`![**A** &amp; B](${URL})`, `¶ A & B→${URL} (a.example)`],
  'an image in a link': [`[![A *b*](https://b.example/i.png)](${URL})`, `¶ A b→${URL} (a.example)`],
  'a link as Slack writes it': [`<${URL}|A>`, `¶ A→${URL} (a.example)`],
  'a row with more cells than columns': [
    '| a | b |\n|---|---|\n| 1 | 2 | 3 | 4 |',
    '▦ <b>a</b> ▏ <b>b</b>',
    '▦ 1 ▏ 2 | 3 | 4',
  ],
  'a | in code in a table': [
    '| a | b |\n|---|---|\n| `x | y` | 2 |\n| `x \\| y` | 3 |',
    '▦ <b>a</b> ▏ <b>b</b>',
    '▦ <c>x | y</c> ▏ 2',
    '▦ <c>x | y</c> ▏ 3',
  ],
  'line breaks in HTML': ['| a |\n|---|\n| 1<br>2<br/>3 |', '▦ <b>a</b>', '▦ 1\n2\n3'],
  'a line break in code': ['`<br>`', '¶ <c><br></c>'],
  'other HTML': ['<b>A</b> <!-- B -->', '¶ <b>A</b> <!-- B -->'],
  'a fence with a title': ['```ts src/a.ts\nlet a;\n```', '¶ <c>ts src/a.ts</c>', '⌨ let a;'],
  'a fence that never ends': ['A\n```js\nlet a;', '¶ A', '⌨ let a;'],
  'bold text that ends at Chinese punctuation': ['**中文。**后面', '¶ <b>中文。</b>后面'],
  'markup in code': ['`**a** &amp; [x](y)`', '¶ <c>**a** &amp; [x](y)</c>'],
  escapes: ['\\*A\\* \\[ ] &copy;', '¶ *A* [ ] ©'],
};

describe('Markdown in Slack', () => {
  for (const [what, [markdown, ...lines]] of Object.entries(CASES)) {
    it(`shows ${what}`, () => {
      const blocks = markdownBlocks(markdown);
      assert.deepEqual(drawBlocks(blocks), lines);
      assert.deepEqual(blockProblems(blocks, 'messages'), []);
    });
  }

  it('keeps the address of a link in a table that is too wide for Slack', () => {
    const row = (cell: string) => `|${` ${cell} |`.repeat(21)}`;
    const drawn = drawBlocks(markdownBlocks(`${row('a')}\n${row('-')}\n${row(`[B](${URL})`)}`));
    assert.match(drawn.join('\n'), /B \(https:\/\/a\.example\/x\)/);
  });

  it('draws a list in few blocks', () => {
    assert.equal(markdownBlocks(Array.from({ length: 60 }, (_, at) => `- ${at}`).join('\n')).length, 1);
  });
});

/** A piece of Markdown, and its text. */
interface Piece {
  lines: string[];
  text: string;
}

const word = fc.stringMatching(/^[A-Za-z0-9é文]{1,8}$/);
const inCode = fc.string({
  unit: fc.constantFrom(...'ab{}<>*_[]()|&;#-=+ \\"$'),
  minLength: 1,
  maxLength: 20,
});

const inline: fc.Arbitrary<Piece> = fc
  .array(
    fc.oneof(
      word.map((text) => ({ line: text, text })),
      word.map((text) => ({ line: `**${text}**`, text })),
      word.map((text) => ({ line: `*${text}*`, text })),
      word.map((text) => ({ line: `~~${text}~~`, text })),
      inCode.map((text) => ({ line: `\`a${text.trim()}\``, text: `a${text}` })),
      word.map((text) => ({ line: `[${text} &amp; **b**](${URL})`, text: `${text}&b(a.example)` })),
      fc.constant({ line: `**${URL}**`, text: URL }),
      word.map((text) => ({ line: `&lt;${text}&gt; \\*`, text: `<${text}>*` })),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => ({
    lines: [`x ${parts.map(({ line }) => line).join(' ')}`],
    text: `x${parts.map(({ text }) => text).join('')}`,
  }));

const inCell = inline.map(({ lines, text }) => ({ cell: lines.join('').replaceAll('|', '\\|'), text }));
const indent = (piece: Piece, first: string, rest: string) => ({
  lines: piece.lines.map(
    (line, at) => (at === 0 ? first : line === '' && rest.trim() === '' ? '' : rest) + line,
  ),
  text: piece.text,
});
const join = (pieces: Piece[], between: string[] = ['']) => ({
  lines: pieces.flatMap(({ lines }, at) => (at > 0 ? [...between, ...lines] : lines)),
  text: pieces.map(({ text }) => text).join(''),
});

const { block } = fc.letrec<{ block: Piece }>((tie) => {
  const inner = fc.array(tie('block'), { minLength: 1, maxLength: 3 }).map((pieces) => join(pieces));
  const fence = fc.array(inCode, { minLength: 1, maxLength: 3 }).map((code) => {
    const lines = code.map((line) => `c${line}`);
    return { lines: ['```sh', ...lines, '```'], text: lines.join('') };
  });
  const items = fc.array(
    fc.record({ lead: inline, more: fc.option(inner, { nil: undefined }), box: fc.boolean() }),
    { minLength: 1, maxLength: 3 },
  );
  const list = (mark: string) =>
    items.map((all) =>
      join(
        all.map(({ lead, more, box }) => {
          const boxed = box ? { lines: [`[ ] ${lead.lines[0]}`], text: `☐${lead.text}` } : lead;
          return indent(more ? join([boxed, more]) : boxed, mark, ' '.repeat(mark.length));
        }),
        [],
      ),
    );
  const table = fc.array(fc.tuple(inCell, inCell), { minLength: 2, maxLength: 3 }).map((rows) => {
    const [header = '', ...body] = rows.map((row) => `| ${row.map(({ cell }) => cell).join(' | ')} |`);
    return {
      lines: [header, '|---|---|', ...body],
      text: rows.flatMap((row) => row.map(({ text }) => text)).join(''),
    };
  });
  return {
    block: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      inline,
      inline.map((piece) => indent(piece, '## ', '')),
      fence,
      table,
      inner.map((piece) => indent(piece, '> ', '> ')),
      list('- '),
      list('1. '),
    ),
  };
});

/** Text without what the drawing adds: white space, lines of tables, and the whole address of a link in them. */
const bare = (text: string) => text.replaceAll(/[\s─]/g, '').replaceAll(`(${URL})`, '(a.example)');

describe('no character of a result is lost', () => {
  it('in any nesting of lists, quotations, code and tables', () => {
    const documents = fc.array(block, { minLength: 1, maxLength: 3 }).map((pieces) => join(pieces, ['', '']));
    fc.assert(
      fc.property(documents, ({ lines, text }) => {
        const blocks = markdownBlocks(lines.join('\n'));
        for (const page of paginate(blocks)) assert.deepEqual(blockProblems(page, 'messages'), []);
        assert.equal(plainText(blocks), bare(text), lines.join('\n'));
      }),
      { seed: 22, numRuns: 1_000 },
    );
  });

  it('whatever the markup around it', () => {
    const parts = fc.constantFrom(
      ...'ABCDEFGH',
      ...'`*_~[]()<>|-#!\\\n\n&: ',
      ...[
        '**',
        '```\n',
        '\n- ',
        '\n> ',
        '\n1. ',
        '[ ] ',
        '&amp;',
        '&lt;',
        '<br>',
        '](https://a.example/',
        'https://a.example/',
      ],
      ...['|-|-|\n', '\n    ', '\n|'],
    );
    const texts = fc.array(parts, { maxLength: 60 }).map((all) => all.join(''));
    const letters = (text: string) => text.replaceAll(/[^A-H]/g, '');
    fc.assert(
      fc.property(texts, (markdown) => {
        // The language of code isn't shown.
        fc.pre(!/(?:```|~~~)[^\n]*[A-H]/.test(markdown));
        const drawn = letters(drawBlocks(markdownBlocks(markdown)).join('\n'));
        let at = 0;
        for (const letter of letters(markdown)) {
          at = drawn.indexOf(letter, at) + 1;
          assert.ok(at > 0, `${letter} is lost of ${JSON.stringify(markdown)}`);
        }
      }),
      { seed: 22, numRuns: 5_000 },
    );
  });
});

/** The text of blocks, without addresses of links. */
function plainText(blocks: ReturnType<typeof markdownBlocks>): string {
  const texts: string[] = [];
  JSON.stringify(blocks, (key, value) => {
    if (key === 'text') texts.push(value);
    return value;
  });
  return bare(texts.join(''));
}
