import type Anthropic from '@anthropic-ai/sdk';
import type { Exchange, ServerTool, TurnRequest } from '../run/execution/conversation.js';
import { areMany, isOfServer } from '../run/execution/find-tools.js';
import type { ToolSpec } from '../run/execution/tools.js';
import {
  manyToolsText,
  shownTools,
  TOOL_SEARCH,
  withKnownReferences,
  withoutToolSearch,
} from './many-tools.js';
import {
  hasThinking,
  isBlankText,
  isImage,
  isThinking,
  messagesOf,
  withoutImages,
  withoutThinking,
} from './messages.js';
import { assignmentPrompt, turnSystem } from './prompts.js';
import type { Draft, OptionalPart } from './send.js';
import { threadBlocks } from './thread-blocks.js';

/** Limit for one turn, thinking included, in tokens. */
const MAX_TOKENS = 32_000;

/** Server tools take direct calls only. A call from the model's code would need its container, which doesn't outlive a wait for people. */
const SERVER_TOOLS: Record<ServerTool, Anthropic.ToolUnion> = {
  web_search: { type: 'web_search_20260318', name: 'web_search', max_uses: 5, allowed_callers: ['direct'] },
  code_execution: { type: 'code_execution_20260521', name: 'code_execution' },
};

const CACHE_MARK = { cache_control: { type: 'ephemeral' } } as const;

/** Drafts a turn. `hasToolSearch`: the endpoint may have a search for tools, so it gets all of them. */
export function draftTurn(model: string, input: TurnRequest, hasToolSearch = true): Draft {
  const material = threadBlocks(input.thread);
  const messages = messagesOf(assignmentPrompt(input), input.exchanges, material);
  const many = areMany(input.tools);
  const uses: OptionalPart[] = ['caching'];
  if (many && hasToolSearch) uses.push('tool_search');
  if (hasThinking(messages)) uses.push('thinking');
  if (material.some(isImage)) uses.push('images');
  if (input.serverTools.length > 0) uses.push('server_tools');
  return {
    uses,
    build(without, refused) {
      const serverTools = without.has('server_tools') ? [] : input.serverTools;
      const searches = uses.includes('tool_search') && !without.has('tool_search');
      const own = (many && !searches ? shownTools(input) : input.tools)
        .filter(({ name }) => !refused?.has(name))
        .map((tool) => ({ ...toParam(tool), ...(searches && isOfServer(tool) && { defer_loading: true }) }));
      const ofModel = serverTools.map((name) => SERVER_TOOLS[name]);
      const tools = [...(searches ? [TOOL_SEARCH] : []), ...own, ...ofModel];
      const names = new Set(own.map(({ name }) => name));
      const system =
        turnSystem(serverTools.includes('code_execution')) + (many ? manyToolsText(input.tools) : '');
      const searched = searches ? withKnownReferences(messages, names) : withoutToolSearch(messages);
      const thought = without.has('thinking') ? withoutThinking(searched) : searched;
      const sent = without.has('images') ? withoutImages(thought) : thought;
      const caching = !without.has('caching');
      return {
        model,
        system: caching ? [{ type: 'text', text: system, ...CACHE_MARK }] : system,
        max_tokens: MAX_TOKENS,
        messages: (caching ? markForCache(sent) : sent) as unknown as Anthropic.MessageParam[],
        stream: true,
        ...(tools.length > 0 && { tools }),
      };
    },
  };
}

function toParam({ name, description, inputSchema }: ToolSpec): Anthropic.Tool {
  const input_schema = { ...inputSchema, type: 'object' as const };
  return { name, ...(description !== '' && { description }), input_schema };
}

/**
 * Marks where the next turn reads from the prompt cache: the assignment, and the end of the conversation. The end of the system prompt is
 * already marked; the tools precede it.
 *
 * The end of the previous turn is marked too, because the API looks back no further than 20 blocks. Four marks are the API's limit.
 */
function markForCache(messages: Exchange[]): Exchange[] {
  const answered = messages.findLastIndex(({ role }) => role === 'assistant');
  const ends = new Set([0, answered - 1, messages.length - 1]);
  return messages.map((message, index) => (ends.has(index) ? withMark(message) : message));
}

/** Copies a message, with a cache mark on the last block that can carry one. */
function withMark({ role, content }: Exchange): Exchange {
  const last = content.findLastIndex((block) => !isThinking(block) && !isBlankText(block));
  const marked = content.map((block, index) => (index === last ? { ...block, ...CACHE_MARK } : block));
  return { role, content: marked };
}
