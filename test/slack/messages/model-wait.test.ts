import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { WaitMessage } from '../../../src/run/model-wait.js';
import { modelWaitMessage } from '../../../src/slack/messages/notices/model-wait.js';
import { waitMessage } from '../../support/cards.js';

const endedAt = '2026-11-24T10:12:00.000Z';

/** The message of a wait: its text, and all of its blocks in JSON. */
const drawn = (own: Partial<WaitMessage>) => {
  const { text, blocks } = modelWaitMessage(waitMessage(own));
  return { text, all: JSON.stringify(blocks) };
};

describe('the message about a wait for the model', () => {
  it('says why the run waits, until when, and how to stop it', () => {
    const { text, all } = drawn({});
    assert.match(text, /The AI model isn't available right now\. I keep trying until <!date\^1795518000\^/);
    assert.match(all, /The model’s API is not available: Overloaded/);
    assert.match(all, /To stop it: `\/agent stop abcd2345`/);
    assert.match(all, /Draft the release notes/);
  });

  const outcomes: [WaitMessage['state'], RegExp][] = [
    ['over', /^:white_check_mark: The model is available again after 12 min\. I continue\.$/],
    ['given-up', /^:warning: The model wasn't available for 12 min, so I gave up while researching\.$/],
    ['stopped', /^:octagonal_sign: The run was stopped after waiting 12 min for the model\.$/],
  ];
  for (const [state, words] of outcomes) {
    it(`turns into its outcome: ${state}`, () => {
      const { text, all } = drawn({ state, endedAt });
      assert.match(text, words);
      assert.doesNotMatch(all, /To stop it/);
    });
  }
});
