import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkProject, findProseFaults } from '../../scripts/prose.js';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** A sentence of so many words. */
const sentence = (words: number) => `The${' word'.repeat(words - 1)}.`;

/** Faults of a text, each as its line and what is wrong. */
function faultsIn(file: string, source: string, root = PROJECT): string[] {
  return findProseFaults(file, source, root).map(({ line, fault }) => `${line}: ${fault}`);
}

describe('the project’s texts', () => {
  it('have short sentences with a noun for a subject, and no dead links', () => {
    const faults = checkProject(PROJECT);
    const told = faults.map(({ file, line, fault, text }) => `${file}:${line}: ${fault}: ${text}`);
    assert.deepEqual(told, []);
  });
});

describe('a sentence', () => {
  it('has at most 25 words', () => {
    assert.deepEqual(faultsIn('a.md', sentence(25)), []);
    assert.deepEqual(faultsIn('a.md', `Short.\n\n${sentence(26)}`), ['3: 26 words']);
  });

  it('may go on over the end of a line, and ends at its full stop', () => {
    assert.deepEqual(faultsIn('a.md', `The${' word\n'.repeat(26)}`), ['1: 27 words']);
    assert.deepEqual(faultsIn('a.md', `${sentence(20)} ${sentence(20)}`), []);
  });

  it('may begin with a link or with code', () => {
    assert.deepEqual(faultsIn('a.md', `${sentence(20)} [read on](https://example.com) ${sentence(20)}`), []);
    assert.deepEqual(faultsIn('a.md', `${sentence(20)} \`npm test\` ${sentence(20)}`), []);
  });

  it('has a noun for a subject', () => {
    for (const word of ['Whether', 'What', 'Who', 'So many']) {
      assert.deepEqual(faultsIn('a.md', `${word} the run is over.`), ['1: no noun for a subject'], word);
    }
    assert.deepEqual(faultsIn('a.md', 'The run says whether it is over.'), []);
  });

  it('stands alone in each item of a list', () => {
    assert.deepEqual(faultsIn('a.md', `- ${sentence(20).slice(0, -1)}\n- ${sentence(20)}`), []);
    assert.deepEqual(faultsIn('a.md', `1. ${sentence(26)}`), ['1: 26 words']);
  });

  it('is not looked for in code, tables and headings', () => {
    const long = sentence(40);
    const texts = [`\`\`\`sh\n${long}\n\`\`\``, `~~~\n${long}\n~~~`, `| ${long} | ${long} |`, `# ${long}`];
    for (const text of texts) assert.deepEqual(faultsIn('a.md', text), [], text);
    assert.deepEqual(faultsIn('a.md', `The code \`${long}\` is one word.`), []);
  });

  it('is looked for in comments, and not in the code between them', () => {
    const source = [
      `const text = '${sentence(40)}';`,
      '/**',
      ` * ${sentence(26)}`,
      ' *',
      ' * @param text Whether it is long.',
      ' */',
      `// ${sentence(30)}`,
    ].join('\n');
    const faults = ['2: 26 words', '2: no noun for a subject', '7: 30 words'];
    assert.deepEqual(faultsIn('a.ts', source), faults);
  });
});

describe('a link', () => {
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'prose-'));
    mkdirSync(join(root, 'docs'));
    writeFileSync(join(root, 'README.md'), '# Who may approve?\n');
  });
  after(() => rmSync(root, { recursive: true }));
  const linksIn = (source: string) => faultsIn('docs/page.md', source, root);

  it('leads to a file or a folder, from the page on which it stands', () => {
    assert.deepEqual(linksIn('[a](../README.md), [b](../docs/), ![c](../README.md)'), []);
    assert.deepEqual(linksIn('The start.\n\n[a](README.md)'), ['3: leads nowhere']);
    assert.deepEqual(linksIn('| [a](README.md) |'), ['1: leads nowhere']);
  });

  it('leads to a heading, where it names one', () => {
    writeFileSync(join(root, 'docs', 'page.md'), '## Here\n');
    assert.deepEqual(linksIn('[a](../README.md#who-may-approve), [b](#here)'), []);
    assert.deepEqual(linksIn('[a](../README.md#who-approves)'), ['1: there is no such heading']);
    assert.deepEqual(linksIn('[b](#there)'), ['1: there is no such heading']);
  });

  it('is not looked for in code, and not followed to other sites', () => {
    assert.deepEqual(linksIn('```md\n[a](nowhere.md)\n```'), []);
    assert.deepEqual(
      linksIn('Write `[a](nowhere.md)` for a link to [a site](https://example.com/nowhere).'),
      [],
    );
  });
});
