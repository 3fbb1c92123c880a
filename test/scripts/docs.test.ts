import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');

/** Paths of the files that a page links to or shows. */
function linksOf(path: string): string[] {
  const targets = [...read(path).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, target = '']) => target);
  return targets.filter((target) => !/^https?:/.test(target)).map((target) => join(dirname(path), target));
}

describe('the README', () => {
  const readme = read('README.md');

  it('is read in a few minutes', () => {
    assert.ok(readme.split('\n').length <= 150);
  });

  it('begins with a moving picture that loads quickly', () => {
    const [picture = ''] = linksOf('README.md');
    const data = readFileSync(join(PROJECT, picture));
    assert.equal(data.toString('latin1', 8, 12), 'WEBP');
    assert.ok(data.includes('ANMF'), 'it moves');
    assert.ok(data.length < 2_000_000);
  });

  it('leads to every page of the docs', () => {
    const found = new Set(['README.md']);
    for (const path of found)
      if (path.endsWith('.md'))
        for (const link of linksOf(path)) if (existsSync(join(PROJECT, link))) found.add(link);
    const pages = readdirSync(join(PROJECT, 'docs'), { recursive: true, encoding: 'utf8' });
    for (const page of pages.filter((name) => /\.(?:md|webp)$/.test(name)))
      assert.ok(found.has(join('docs', page)), `a link to docs/${page}`);
  });

  it('names the command for the tests that CI runs, which leaves node_modules in place', () => {
    const [, command = ''] = /^(npm .*?)\s+# the tests/m.exec(readme) ?? [];
    assert.equal(command, 'npm it');
    assert.match(read('.ci/run'), new RegExp(`^${command} 2>&1 \\| tee `, 'm'));
    assert.doesNotMatch(read('.ci/run'), /npm (?:ci|cit|clean-install)/);
  });
});

describe('the docs', () => {
  it('explain every variable that .env.example lists', () => {
    const docs = read('docs/environment.md');
    const families = [...docs.matchAll(/`(\w+_)\*`/g)].map(([, prefix = '']) => prefix);
    for (const [, name = ''] of read('.env.example').matchAll(/^([A-Z_]+)=/gm))
      assert.ok(
        docs.includes(`\`${name}\``) || families.some((prefix) => `${name}_`.startsWith(prefix)),
        name,
      );
  });
});
