import type Anthropic from '@anthropic-ai/sdk';
import { editExchanges } from '../run/execution/context.js';
import type { Exchange, ServerTool, TurnRequest } from '../run/execution/conversation.js';
import { contextManagement } from './context-editing.js';
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

/** Server tools take direct calls only: a call from the model's code would wait for people in its container. */
const SERVER_TOOLS: Record<ServerTool, Anthropic.ToolUnion> = {
  web_search: { type: 'web_search_20260318', name: 'web_search', max_uses: 5, allowed_callers: ['direct'] },
  code_execution: { type: 'code_execution_20260521', name: 'code_execution' },
};

const CACHE_MARK = { cache_control: { type: 'ephemeral' } } as const;

export interface TurnOptions {
  model: string;
  /** Limit for the turn, thinking included. */
  maxTokens: number;
  /** Set if the API is to clear old tool results. */
  editsContext: boolean;
}

export function draftTurn(input: TurnRequest, { model, maxTokens, editsContext }: TurnOptions): Draft {
  const { exchanges } = input;
  const material = threadBlocks(input.thread);
  const build = (own: readonly Exchange[]) => messagesOf(assignmentPrompt(input), own, material);
  const messages = build(exchanges);
  const container = containerFor(input);
  const own = input.tools.map(({ name, description, inputSchema }): Anthropic.Tool => {
    const input_schema = { ...inputSchema, type: 'object' as const };
    return { name, ...(description !== '' && { description }), input_schema };
  });
  const uses: OptionalPart[] = ['caching'];
  if (editsContext) uses.push('context_editing');
  if (container || hasOpenServerCall(exchanges)) uses.push('container');
  if (hasThinking(messages)) uses.push('thinking');
  if (material.some(isImage)) uses.push('images');
  if (input.serverTools.length > 0) uses.push('server_tools');
  return {
    uses,
    build(without) {
      const serverTools = without.has('server_tools') ? [] : input.serverTools;
      const tools = [...own, ...serverTools.map((name) => SERVER_TOOLS[name])];
      const system = turnSystem(serverTools.includes('code_execution'));
      const known = without.has('container')
        ? build(editExchanges(exchanges, { isCodeLost: true }))
        : messages;
      const thought = without.has('thinking') ? withoutThinking(known) : known;
      const sent = without.has('images') ? withoutImages(thought) : thought;
      const caching = !without.has('caching');
      return {
        model,
        system: caching ? [{ type: 'text', text: system, ...CACHE_MARK }] : system,
        max_tokens: maxTokens,
        messages: (caching ? markForCache(sent) : sent) as unknown as Anthropic.MessageParam[],
        stream: true,
        ...(tools.length > 0 && { tools }),
        ...(container && !without.has('container') && { container }),
        ...(uses.includes('context_editing') &&
          !without.has('context_editing') && { context_management: contextManagement(exchanges) }),
      };
    },
  };
}

/** Id of the container for this turn: a pending call needs it, and others find their files in it while it is surely there. */
function containerFor({ container, exchanges }: TurnRequest): string | undefined {
  if (!container) return undefined;
  const isThere = Date.parse(container.expiresAt) > Date.now();
  return isThere || hasOpenServerCall(exchanges) ? container.id : undefined;
}

/** True if a server tool was called and has no result yet. */
function hasOpenServerCall(exchanges: readonly Exchange[]): boolean {
  const blocks = exchanges.flatMap(({ content }) => content);
  const answered = new Set(blocks.map(({ tool_use_id }) => tool_use_id));
  return blocks.some(({ type, id }) => type === 'server_tool_use' && !answered.has(id));
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
