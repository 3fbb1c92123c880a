import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usageOf } from '../../src/llm/prices.js';
import { addUsage, NO_USAGE } from '../../src/run/plan.js';

/** A million tokens of each kind. */
const used = {
  input_tokens: 1_000_000,
  cache_creation_input_tokens: 1_000_000,
  cache_read_input_tokens: 1_000_000,
  output_tokens: 1_000_000,
};

describe('what a run costs', () => {
  const prices: [string, number][] = [
    ['claude-sonnet-5-5', 2 + 2.5 + 0.1 + 10],
    ['claude-sonnet-5', 2 + 2.5 + 0.2 + 10],
    ['claude-opus-5-5', 4 + 5 + 0.2 + 20],
    ['claude-opus-4-5-20251101', 5 + 6.25 + 0.5 + 25],
    ['claude-opus-4-20250514', 15 + 18.75 + 1.5 + 75],
    ['claude-sonnet-4-5-20250929', 3 + 3.75 + 0.3 + 15],
    ['claude-sonnet-4-20250514', 3 + 3.75 + 0.3 + 15],
    ['claude-haiku-4-5', 1 + 1.25 + 0.1 + 5],
  ];
  for (const [model, costUsd] of prices) {
    it(`is told by the price list for ${model}`, () => {
      const usage = usageOf(model, used as never);
      assert.equal(usage.costUsd?.toFixed(6), costUsd.toFixed(6));
      assert.deepEqual([usage.inputTokens, usage.cachedTokens, usage.outputTokens], [3e6, 1e6, 1e6]);
    });
  }

  it('is more for a long prompt, where the list says so', () => {
    const short = usageOf('claude-haiku-5-5', { input_tokens: 100_000, output_tokens: 0 });
    const long = usageOf('claude-haiku-5-5', {
      cache_read_input_tokens: 100_000,
      input_tokens: 1_000,
    } as never);
    assert.equal(short.costUsd?.toFixed(6), '0.010000');
    assert.equal(long.costUsd?.toFixed(6), '0.005500');
  });

  it('counts searches', () => {
    const server_tool_use = { web_search_requests: 3, web_fetch_requests: 0 };
    assert.equal(usageOf('claude-opus-5-5', { server_tool_use }).costUsd, 0.03);
  });

  for (const model of ['local', 'claude-opus-5-7', 'claude-opus-50', 'claude-sonnet-4-6-1', 'gpt-6']) {
    it(`is unknown for ${model}`, () => assert.equal(usageOf(model, used as never).costUsd, undefined));
  }

  it('is unknown as a whole when a part of it is', () => {
    const known = usageOf('claude-opus-5-5', { output_tokens: 1 });
    assert.equal(addUsage(NO_USAGE, known).costUsd, 0.00002);
    assert.equal(addUsage(known, usageOf('local', { output_tokens: 1 })).costUsd, undefined);
  });

  it('is nothing where an endpoint says nothing', () => {
    assert.deepEqual(usageOf('local', undefined), { inputTokens: 0, outputTokens: 0, cachedTokens: 0 });
  });
});
