import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Stack, startStack } from '../support/product/stack.js';
import { cardOf, startRun, WAITING, wordsOf } from '../support/slack/people.js';

describe('while the model takes no request', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack();
  });
  after(() => stack.stop());

  const waitIn = (channel: string, words: RegExp) =>
    stack.workspace.waitFor(() => stack.workspace.messages(channel).find(({ text }) => words.test(text)), {
      what: `a message that says ${words}`,
      timeoutMs: 60_000,
    });

  it('the channel says that the run waits, and the same message says when the model is back', async () => {
    const { workspace, model } = stack;
    const { general } = workspace.channels;
    // A longer wait is told.
    model.faults.inject({ kind: 'error', status: 529, match: 'search', retryAfterS: 16 });
    const shortId = await startRun(workspace, workspace.people.ana, general, 'outlast the overload');
    const wait = await waitIn(general, /The AI model isn't available right now/);
    assert.match(wordsOf(wait), /Simulated overloaded_error/);
    assert.match(wordsOf(wait), new RegExp(`/agent stop ${shortId}`));
    const over = await waitIn(general, /The model is available again after/);
    assert.equal(over.ts, wait.ts);
    await cardOf(workspace, general, shortId, WAITING);
  });

  it('a run that waits can be cancelled', async () => {
    const { workspace, model } = stack;
    const { general } = workspace.channels;
    const { ana } = workspace.people;
    model.faults.inject({ kind: 'error', status: 429, match: 'search', retryAfterS: 600 });
    const shortId = await startRun(workspace, ana, general, 'wait in vain');
    await waitIn(general, /The AI model isn't available right now/);
    await workspace.as(ana).command(general, '/agent', `cancel ${shortId}`);
    await stack.ended(shortId);
    await waitIn(general, /The run was stopped after waiting/);
  });
});
