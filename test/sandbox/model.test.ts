import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { wishOf } from '../../sandbox/model/goal.js';
import { startSimulatedModel } from '../../sandbox/model/index.js';
import { readTodos } from '../../sandbox/model/todo-list.js';

describe('the local model', () => {
  it('reads a long text in a moment, whatever is in it', () => {
    const began = performance.now();
    const [todo] = readTodos(`1. water${' '.repeat(60_000)}plants`);
    assert.equal(todo?.id, '1');
    wishOf(`ask me which to choose: one${'.'.repeat(60_000)}x or two`);
    assert.ok(performance.now() - began < 500);
  });

  it('takes a prompt as long as the context that it states, and no longer', async () => {
    const simulated = await startSimulatedModel();
    const { apiKey, url: baseURL } = simulated;
    const client = new Anthropic({ apiKey, baseURL, maxRetries: 0 });
    const ask = async (model: string) => {
      const content = 'x'.repeat(4 * 300_000);
      await client.messages.create({ model, max_tokens: 100, messages: [{ role: 'user', content }] });
    };
    try {
      assert.equal((await client.models.retrieve('claude-sonnet-5-5')).max_input_tokens, 1_000_000);
      await ask('claude-sonnet-5-5');
      await assert.rejects(ask('claude-haiku-4-5'), /prompt is too long: \d+ tokens > 200000 maximum/);
    } finally {
      await simulated.stop();
    }
  });

  it('reads a to-do list line by line', () => {
    assert.deepEqual(readTodos('- [ ] 3. Water plants  \n- [x] #t4 Call Ben (for Ana)'), [
      { id: '3', title: 'Water plants', done: false },
      { id: 't4', title: 'Call Ben', done: true },
    ]);
  });
});
