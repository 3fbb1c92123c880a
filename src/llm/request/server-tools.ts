import type Anthropic from '@anthropic-ai/sdk';
import type { ServerTool } from '../../run/execution/conversation.js';

/** Most searches in an answer. */
const SEARCHES = { max_uses: 5 } as const;

/** Search of the research. Its newest version filters what it finds in code that the model writes. */
export const SEARCH: Anthropic.ToolUnion = {
  type: 'web_search_20260318',
  name: 'web_search',
  ...SEARCHES,
};

/** Tools of a turn. They take direct calls only: a call from the model's code would wait for people in its container. */
const NEWEST: Record<ServerTool, Anthropic.ToolUnion> = {
  web_search: { ...SEARCH, allowed_callers: ['direct'] },
  code_execution: { type: 'code_execution_20260521', name: 'code_execution' },
};

/**
 * Versions that older models, and gateways and clouds, know. Source: Anthropic's pages on both tools, by which Google Cloud has basic web search
 * only, and Haiku 4.5 makes no calls from code.
 */
const OLDER: Record<ServerTool, Anthropic.ToolUnion> = {
  web_search: { type: 'web_search_20250305', name: 'web_search', ...SEARCHES },
  code_execution: { type: 'code_execution_20250825', name: 'code_execution' },
};

export function serverTool(name: ServerTool, { isOlder }: { isOlder: boolean }): Anthropic.ToolUnion {
  return (isOlder ? OLDER : NEWEST)[name];
}

/** Words of a refused request about tools of the model's side. A custom tool is named `tools.3.custom…`; dropping others would not help. */
export const SERVER_TOOLS_REFUSED =
  /^(?!.*\btools\.\d+\.custom\b).*(?:\btools?\b|web.?search|code.?execution)/is;

/** Words of a request that was refused for its web search alone: the code execution beside it stays. */
export const SEARCH_REFUSED = /^(?!.*code.?execution).*web.?search/is;

/** Words about a tool of the model's side, and words that refuse it for good. */
const NAMED = /\btools?\b|web.?search|code.?execution/i;
const REFUSING =
  /unsupported|unknown|unrecogni[sz]ed|invalid|not (?:supported|enabled|allowed|permitted)|disabled/i;

/**
 * True if an error refuses a tool of the model's side, though its status doesn't say so. An administrator's ban may come with 403. LiteLLM
 * answers 500 to a type of tool that it doesn't know (litellm#10664).
 */
export function refusesServerTool(status: number | undefined, said: string): boolean {
  const isOther = status === undefined || [401, 429, 529].includes(status);
  return !isOther && NAMED.test(said) && REFUSING.test(said);
}

/** Finds a tool of the model's side that an answer calls as if we ran it: a gateway passed it on as one of ours. */
export function findPassedOn(
  { content }: Partial<Anthropic.Message>,
  tools: Anthropic.ToolUnion[] = [],
): Anthropic.ToolUnion | undefined {
  const called = new Set((content ?? []).map((block) => block.type === 'tool_use' && block.name));
  return tools.find((tool) => !('input_schema' in tool) && 'name' in tool && called.has(tool.name));
}
