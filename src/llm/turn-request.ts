import type Anthropic from '@anthropic-ai/sdk';
import type { Exchange, ServerTool, TurnRequest } from '../run/execution/conversation.js';
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

export function draftTurn(model: string, input: TurnRequest, patienceMs: number): Draft {
  const material = threadBlocks(input.thread);
  const messages = messagesOf(assignmentPrompt(input), input.exchanges, material);
  const own = input.tools.map(({ name, description, inputSchema }): Anthropic.Tool => {
    const input_schema = { ...inputSchema, type: 'object' as const };
    return { name, ...(description !== '' && { description }), input_schema };
  });
  const uses: OptionalPart[] = ['caching'];
  if (hasThinking(messages)) uses.push('thinking');
  if (material.some(isImage)) uses.push('images');
  if (input.serverTools.length > 0) uses.push('server_tools');
  return {
    uses,
    patienceMs,
    build(without) {
      const serverTools = without.has('server_tools') ? [] : input.serverTools;
      const tools = [...own, ...serverTools.map((name) => SERVER_TOOLS[name])];
      const system = turnSystem(serverTools.includes('code_execution'));
      const thought = without.has('thinking') ? withoutThinking(messages) : messages;
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
