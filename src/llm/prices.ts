import type Anthropic from '@anthropic-ai/sdk';
import type { Usage } from '../run/plan.js';

/** US dollars per million tokens. A cache write for five minutes costs a quarter more than input. */
type Price = [input: number, cached: number, output: number];

/** Price of a whole request whose prompt, including cached tokens, is longer than `tokens`. */
type LongPrice = { tokens: number; price: Price };

/**
 * List prices of the Claude API as of November 2026, without batch, fast mode or regional inference. Source: Anthropic's pricing page
 * (platform.claude.com/docs/en/about-claude/pricing) and its model pages.
 */
const PRICES: [models: string[], price: Price, above?: LongPrice][] = [
  [
    ['claude-fable-5-2', 'claude-mythos-5-2'],
    [8, 0.2, 40],
  ],
  [
    ['claude-fable-5-1', 'claude-mythos-5-1'],
    [10, 0.25, 50],
  ],
  [
    ['claude-fable-5', 'claude-mythos-5'],
    [10, 1, 50],
  ],
  [['claude-opus-5-5'], [4, 0.2, 20]],
  [
    ['claude-opus-5', 'claude-opus-4-8', 'claude-opus-4-7', 'claude-opus-4-6', 'claude-opus-4-5'],
    [5, 0.5, 25],
  ],
  [
    ['claude-opus-4-1', 'claude-opus-4'],
    [15, 1.5, 75],
  ],
  [['claude-sonnet-5-5'], [2, 0.1, 10]],
  [['claude-sonnet-5'], [2, 0.2, 10]],
  [
    ['claude-sonnet-4-6', 'claude-sonnet-4-5', 'claude-sonnet-4', 'claude-3-7-sonnet'],
    [3, 0.3, 15],
  ],
  [['claude-haiku-5-5'], [0.1, 0.01, 0.5], { tokens: 100_000, price: [0.5, 0.05, 2.5] }],
  [['claude-haiku-4-5'], [1, 0.1, 5]],
  [['claude-3-5-haiku'], [0.8, 0.08, 4]],
];

const CACHE_WRITE_FACTOR = 1.25;

/** US dollars for a thousand searches, same source. Code execution is not counted, because it is billed by the hour and organization. */
const PER_THOUSAND_SEARCHES = 10;

/** Reads the usage of one answer. An endpoint may leave out any field. */
export function usageOf(model: string, used: Partial<Anthropic.Usage> | undefined): Usage {
  const written = used?.cache_creation_input_tokens ?? 0;
  const cachedTokens = used?.cache_read_input_tokens ?? 0;
  const fresh = used?.input_tokens ?? 0;
  const outputTokens = used?.output_tokens ?? 0;
  const inputTokens = fresh + written + cachedTokens;
  const usage = { inputTokens, outputTokens, cachedTokens };
  const listed = findPrice(model);
  if (!listed) return usage;
  const [, price, above] = listed;
  const [input, cached, output] = above && inputTokens > above.tokens ? above.price : price;
  const tokens =
    (fresh + written * CACHE_WRITE_FACTOR) * input + cachedTokens * cached + outputTokens * output;
  const searches = used?.server_tool_use?.web_search_requests ?? 0;
  return { ...usage, costUsd: tokens / 1e6 + (searches * PER_THOUSAND_SEARCHES) / 1000 };
}

/** True if the price of a model is in the list. */
export function hasPrice(model: string): boolean {
  return findPrice(model) !== undefined;
}

/** Finds a model's price. An id names a model exactly, or with a date: `claude-opus-4-5-20251101`, or `…@20251101` on Vertex AI. */
function findPrice(id: string): (typeof PRICES)[number] | undefined {
  const model = id.replace(/[-@]20\d{6}$/, '');
  return PRICES.find(([models]) => models.includes(model));
}
