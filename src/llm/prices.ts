import type Anthropic from '@anthropic-ai/sdk';
import type { Usage } from '../run/plan.js';

/** US dollars per million tokens; `write` is a cache write for five minutes. */
interface Price {
  input: number;
  write: number;
  read: number;
  output: number;
}

const price = (input: number, write: number, read: number, output: number): Price => {
  return { input, write, read, output };
};

/**
 * As of November 2026. Source: Anthropic's pricing page (platform.claude.com/docs/en/about-claude/pricing) and its pages of the single
 * models. List prices of the Claude API: no batch, no fast mode, no regional inference. `above` holds for the whole of a request whose
 * prompt, cached tokens counted, is longer than `tokens`.
 */
const PRICES: { models: string[]; price: Price; above?: { tokens: number; price: Price } }[] = [
  { models: ['claude-fable-5-2', 'claude-mythos-5-2'], price: price(8, 10, 0.2, 40) },
  { models: ['claude-fable-5-1', 'claude-mythos-5-1'], price: price(10, 12.5, 0.25, 50) },
  { models: ['claude-fable-5', 'claude-mythos-5'], price: price(10, 12.5, 1, 50) },
  { models: ['claude-opus-5-5'], price: price(4, 5, 0.2, 20) },
  {
    models: ['claude-opus-5', 'claude-opus-4-8', 'claude-opus-4-7', 'claude-opus-4-6', 'claude-opus-4-5'],
    price: price(5, 6.25, 0.5, 25),
  },
  { models: ['claude-opus-4-1', 'claude-opus-4'], price: price(15, 18.75, 1.5, 75) },
  { models: ['claude-sonnet-5-5'], price: price(2, 2.5, 0.1, 10) },
  { models: ['claude-sonnet-5'], price: price(2, 2.5, 0.2, 10) },
  {
    models: ['claude-sonnet-4-6', 'claude-sonnet-4-5', 'claude-sonnet-4', 'claude-3-7-sonnet'],
    price: price(3, 3.75, 0.3, 15),
  },
  {
    models: ['claude-haiku-5-5'],
    price: price(0.1, 0.125, 0.01, 0.5),
    above: { tokens: 100_000, price: price(0.5, 0.625, 0.05, 2.5) },
  },
  { models: ['claude-haiku-4-5'], price: price(1, 1.25, 0.1, 5) },
  { models: ['claude-3-5-haiku'], price: price(0.8, 1, 0.08, 4) },
];

/** US dollars for a thousand searches, same source. Code execution is billed by the hour and per organization, so it isn't counted. */
const PER_THOUSAND_SEARCHES = 10;

/** Reads the usage of one answer. An endpoint may leave any of it out. */
export function usageOf(model: string, used: Partial<Anthropic.Usage> | undefined): Usage {
  const written = used?.cache_creation_input_tokens ?? 0;
  const cachedTokens = used?.cache_read_input_tokens ?? 0;
  const fresh = used?.input_tokens ?? 0;
  const outputTokens = used?.output_tokens ?? 0;
  const inputTokens = fresh + written + cachedTokens;
  const usage = { inputTokens, outputTokens, cachedTokens };
  const per = priceOf(model, inputTokens);
  if (!per) return usage;
  const tokens =
    fresh * per.input + written * per.write + cachedTokens * per.read + outputTokens * per.output;
  const searches = used?.server_tool_use?.web_search_requests ?? 0;
  return { ...usage, costUsd: tokens / 1_000_000 + (searches * PER_THOUSAND_SEARCHES) / 1000 };
}

function priceOf(model: string, inputTokens: number): Price | undefined {
  const found = PRICES.find(({ models }) => models.some((name) => isOf(name, model)));
  return found?.above && inputTokens > found.above.tokens ? found.above.price : found?.price;
}

/** Tells whether an id names that model: the same, or dated (`-20250929`), but no other version (`claude-opus-5` is not `claude-opus-5-7`). */
function isOf(name: string, id: string): boolean {
  return id.startsWith(name) && !/^(?:\d|-\d{1,2}(?!\d))/.test(id.slice(name.length));
}
