import type { Usage } from './usage.js';

export type Block =
  | { type: 'text'; text: string; citations?: object[] }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> }
  | {
      type: 'server_tool_use';
      id: string;
      name: 'web_search' | 'tool_search_tool_bm25';
      input: { query: string };
    }
  | { type: 'tool_search_tool_result'; tool_use_id: string; content: object }
  | { type: 'web_search_tool_result'; tool_use_id: string; content: object[] };

/** A message, as the API answers it. */
export interface Message {
  id: string;
  type: 'message';
  role: 'assistant';
  model: string;
  content: Block[];
  stop_reason: string;
  stop_sequence: null;
  stop_details: object | null;
  usage: Usage;
}
