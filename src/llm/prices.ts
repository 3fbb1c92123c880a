import type Anthropic from '@anthropic-ai/sdk';
import type { Usage } from '../run/plan.js';

/** US dollars per million tokens. A cache write, for five minutes, costs a quarter more than input. */
interface Price {
  input: number;
  cached: number;
  output: number;
  /** A request whose prompt, cached tokens counted, is longer than `tokens` costs this as a whole. */
  above?: Price & { tokens: number };
}

/**
 * List prices of the Claude API as of November 2026: no batch, no fast mode, no regional inference. Source: Anthropic's pricing page
 * (platform.claude.com/docs/en/about-claude/pricing) and its pages of the single models.
 */
const PRICES: [models: string[], price: Price][] = [
  [['claude-fable-5-2', 'claude-mythos-5-2'], { input: 8, cached: 0.2, output: 40 }],
  [['claude-fable-5-1', 'claude-mythos-5-1'], { input: 10, cached: 0.25, output: 50 }],
  [['claude-fable-5', 'claude-mythos-5'], { input: 10, cached: 1, output: 50 }],
  [['claude-opus-5-5'], { input: 4, cached: 0.2, output: 20 }],
  [['claude-opus-5', 'claude-opus-4-8', 'claude-opus-4-7'], { input: 5, cached: 0.5, output: 25 }],
  [['claude-opus-4-6', 'claude-opus-4-5'], { input: 5, cached: 0.5, output: 25 }],
  [['claude-opus-4-1', 'claude-opus-4'], { input: 15, cached: 1.5, output: 75 }],
  [['claude-sonnet-5-5'], { input: 2, cached: 0.1, output: 10 }],
  [['claude-sonnet-5'], { input: 2, cached: 0.2, output: 10 }],
  [['claude-sonnet-4-6', 'claude-sonnet-4-5', 'claude-sonnet-4'], { input: 3, cached: 0.3, output: 15 }],
  [['claude-3-7-sonnet'], { input: 3, cached: 0.3, output: 15 }],
  [
    ['claude-haiku-5-5'],
    {
      input: 0.1,
      cached: 0.01,
      output: 0.5,
      above: { tokens: 100_000, input: 0.5, cached: 0.05, output: 2.5 },
    },
  ],
  [['claude-haiku-4-5'], { input: 1, cached: 0.1, output: 5 }],
  [['claude-3-5-haiku'], { input: 0.8, cached: 0.08, output: 4 }],
];

const CACHE_WRITE_FACTOR = 1.25;

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
  const listed = PRICES.find(([models]) => models.some((name) => isOf(name, model)))?.[1];
  const price = listed?.above && inputTokens > listed.above.tokens ? listed.above : listed;
  if (!price) return usage;
  const input = (fresh + written * CACHE_WRITE_FACTOR) * price.input + cachedTokens * price.cached;
  const searches = used?.server_tool_use?.web_search_requests ?? 0;
  const costUsd = (input + outputTokens * price.output) / 1e6 + (searches * PER_THOUSAND_SEARCHES) / 1000;
  return { ...usage, costUsd };
}

/** Tells whether an id names that model: the same, or dated (`-20250929`), but no other version (`claude-opus-5` is not `claude-opus-5-7`). */
function isOf(name: string, id: string): boolean {
  return id.startsWith(name) && !/^(?:\d|-\d{1,2}(?!\d))/.test(id.slice(name.length));
}
