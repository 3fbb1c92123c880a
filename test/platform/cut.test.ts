import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clip, cut } from '../../src/platform/cut.js';
import { wellFormedData } from '../../src/platform/well-formed.js';
import { progressCall } from '../../src/run/execution/progress.js';
import { resultOf } from '../../src/run/follow-up.js';
import { splitText } from '../../src/slack/messages/kit/paginate.js';
import { oneLine, plain } from '../../src/slack/messages/kit/text.js';
import { startOptions } from '../../src/temporal/start-options.js';
import { textResult } from '../../src/tools/result.js';
import { runInput } from '../support/samples.js';

/** A text that has a pair across each place where it may be cut: at the odd ones, or at the even ones. */
const texts = ['🙂'.repeat(30_000), `a${'🙂'.repeat(30_000)}`];

describe('a text that is cut', () => {
  it('has no half of a character, wherever it is cut', () => {
    for (const text of texts) {
      for (let limit = 0; limit < 10; limit += 1) {
        assert.ok(cut(text, limit).isWellFormed());
        assert.ok(cut(text, limit).length <= limit);
        assert.ok(text.startsWith(cut(text, limit)));
        if (limit > 0) assert.ok(clip(text, limit).isWellFormed());
      }
    }
  });

  it('is whole where it fits', () => {
    assert.equal(cut('ab🙂', 4), 'ab🙂');
    assert.equal(clip('ab🙂', 4), 'ab🙂');
    assert.equal(clip('ab🙂c', 4), 'ab…');
  });

  const call = { id: '1', name: 't', digest: '', readOnly: true, known: true };
  const places: [string, (text: string) => unknown][] = [
    [
      'a call’s arguments in the progress message',
      (text) => progressCall({ ...call, input: { text } }, 'done'),
    ],
    [
      'the result for a follow-up',
      (text) => resultOf({ state: 'failed', failure: { ...FAILED, message: text } }),
    ],
    ['a goal in the list of runs', (text) => startOptions(runInput({ goal: text }), 'queue').memo],
    ['a line of a list', (text) => oneLine(text, 151)],
    ['a title', (text) => plain(text, 150)],
    ['the pieces of a long text', (text) => splitText(text, 2_999)],
    ['a tool’s answer', (text) => textResult(text)],
  ];
  const FAILED = { step: 'execution', code: 'Error' } as const;
  for (const [place, show] of places) {
    it(`is well-formed in ${place}`, () => {
      for (const text of texts) {
        const shown = JSON.stringify(show(text));
        assert.doesNotMatch(shown, /\\ud[89a-f]/, 'JSON escapes halves only');
        assert.match(shown, /🙂/);
      }
    });
  }
});

describe('data for another program', () => {
  it('has neither halves of characters nor NUL, in texts and in keys', () => {
    const bytes = Buffer.from('\0');
    const data = { 'a\ud83d': ['\udc00 b', { deep: 'c\0🙂' }], number: 1, none: null, bytes };
    assert.deepEqual(wellFormedData(data), {
      'a\ufffd': ['\ufffd b', { deep: 'c\ufffd🙂' }],
      ...{ number: 1, none: null, bytes },
    });
  });
});
