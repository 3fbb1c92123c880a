import type Anthropic from '@anthropic-ai/sdk';
import { decodeHTMLStrict } from 'entities';
import type { Source } from '../../run/plan.js';

const MAX_SOURCES = 10;

/** Reads the sources of an answer, cited ones first; http(s) only, each once. */
export function readSources(content: Anthropic.ContentBlock[]): Source[] {
  const cited = content
    .flatMap((block) => (block.type === 'text' ? (block.citations ?? []) : []))
    .filter((citation) => citation.type === 'web_search_result_location');
  const found = content.flatMap((block) =>
    block.type === 'web_search_tool_result' && Array.isArray(block.content) ? block.content : [],
  );
  const sources = new Map<string, Source>();
  for (const { title, url } of [...cited, ...found]) {
    const isWeb = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
    // Titles come from pages, some with their entities: `Q&amp;A`.
    const named = decodeHTMLStrict(title ?? '')
      .replaceAll(/\s+/g, ' ')
      .trim();
    if (isWeb && !sources.has(url)) sources.set(url, { title: named || url, url });
  }
  return [...sources.values()].slice(0, MAX_SOURCES);
}
