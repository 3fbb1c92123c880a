import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { emojiOf } from '../../sandbox/page/text/emoji.js';
import { blockProblems, isTooLong } from '../../sandbox/workspace/validation/blocks.js';
import { SURFACES } from '../support/texts/index.js';

/** Names that surfaces give to the rest of the product, and that draw no text. */
const NO_TEXTS = new Set([
  ...['MAX_NOTICES', 'MAX_MENTIONS', 'findWaitingItem', 'isQuestion', 'isLate', 'mustKnow', 'readSteps'],
  ...['peopleIn', 'formOf', 'isFormOf', 'readForm'],
]);

const SURFACE = /messages\/((?!kit\/)[a-z]+\/[a-z-]+)\.js$/;

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

/** Names that files import from the surfaces, as `file#name`. Types are left out; `*` stands for all that a file exports. */
function importsOf(files: string[]): Set<string> {
  const found = files.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    return [...text.matchAll(/^import (\{[^}]*\}|\* as \w+) from '([^']+)'/gms)].flatMap(
      ([, names = '', path = '']) => {
        const [, surface] = SURFACE.exec(path) ?? [];
        if (!surface) return [];
        const listed = names.startsWith('*')
          ? exportsOf(surface)
          : names.replaceAll(/[{}\s]/g, ' ').split(',');
        return listed
          .map((name) => name.trim())
          .filter((name) => name !== '' && !name.startsWith('type ') && !NO_TEXTS.has(name))
          .map((name) => `${surface}#${name.split(' ')[0]}`);
      },
    );
  });
  return new Set(found);
}

function exportsOf(surface: string): string[] {
  const text = readFileSync(`src/slack/messages/${surface}.ts`, 'utf8');
  return [...text.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name = '']) => name);
}

const samples = SURFACES.flatMap(({ title, samples }) =>
  samples.map((sample) => ({ ...sample, place: `${title}: ${sample.name}` })),
);

describe('the page of texts', () => {
  it('has every message that the product can send', () => {
    const outside = filesIn('src').filter((file) => !file.includes('slack/messages/'));
    const drawn = importsOf(filesIn('test/support/texts'));
    const missing = [...importsOf(outside)].filter((name) => !drawn.has(name));
    assert.deepEqual(missing, [], 'add samples of these to test/support/texts/');
    assert.ok(drawn.size > 40);
  });

  it('has messages that Slack takes, each under a name of its own', () => {
    assert.equal(new Set(samples.map(({ place }) => place)).size, samples.length);
    for (const { place, blocks, text, form } of samples) {
      const surface = text === undefined && (form || place.includes('Home')) ? 'modal' : 'messages';
      assert.deepEqual(blockProblems(blocks, surface), [], place);
      if (surface === 'messages') assert.equal(isTooLong(blocks), false, place);
    }
  });

  it('has marks that the sandbox draws, and none that look like others', () => {
    const alike = ['hourglass', 'hourglass_flowing_sand', 'ballot_box_with_ballot'];
    for (const { place, blocks, text = '' } of samples) {
      for (const [, mark = ''] of `${text} ${JSON.stringify(blocks)}`.matchAll(
        /(?<=["\s]):([a-z_0-9]+): /g,
      )) {
        assert.ok(!alike.includes(mark), `${place}: ${mark}`);
        assert.notEqual(emojiOf(mark), `:${mark}:`, `${place}: the sandbox knows no ${mark}`);
      }
    }
  });

  it('says "stop" of a run, and never "cancel"', () => {
    for (const { place, blocks, text = '' } of samples.filter(
      ({ place }) => !place.startsWith('Schedules'),
    )) {
      // A dialog's button may say "Cancel": it closes the dialog.
      const words = `${text} ${JSON.stringify(blocks)}`.replaceAll('"Cancel"', '');
      assert.doesNotMatch(words, /\bcancel/i, place);
    }
  });
});
