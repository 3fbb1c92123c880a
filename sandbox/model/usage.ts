import { type MessagesRequest, partsOf } from './request.js';
import { foundNames } from './tool-search.js';

export interface Usage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  output_tokens: number;
  server_tool_use: { web_search_requests: number; web_fetch_requests: number } | null;
}

/**
 * Estimates the usage of a request, at four characters a token. Text before the last answer that is marked for the cache is read from it;
 * later marked text is written to it.
 */
export function usageOf(body: MessagesRequest, content: readonly { type: string; name?: string }[]): Usage {
  const { tools = [], system = [], messages } = body;
  const answered = messages.findLastIndex(({ role }) => role === 'assistant');
  const found = foundNames(body);
  const loaded = tools.filter(({ name, defer_loading }) => defer_loading !== true || found.has(name));
  const heads = [...loaded, ...(typeof system === 'string' ? [{ type: 'text', text: system }] : system)];
  const parts = [
    ...heads.map((part) => ({ part, known: answered >= 0 })),
    ...messages.flatMap((message, index) =>
      partsOf(message).map((part) => ({ part, known: index < answered })),
    ),
  ];
  let total = 0;
  let read = 0;
  let cached = 0;
  for (const { part, known } of parts) {
    total += tokens({ ...part, cache_control: undefined });
    if ('cache_control' in part && part.cache_control) {
      cached = total;
      if (known) read = total;
    }
  }
  const searches = content.filter(({ name }) => name === 'web_search').length;
  return {
    input_tokens: total - cached,
    cache_creation_input_tokens: cached - read,
    cache_read_input_tokens: read,
    output_tokens: content.reduce((sum, block) => sum + tokens(block), 0),
    server_tool_use: searches > 0 ? { web_search_requests: searches, web_fetch_requests: 0 } : null,
  };
}

function tokens(value: object): number {
  return Math.ceil(JSON.stringify(value).length / 4);
}
