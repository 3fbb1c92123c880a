import type Anthropic from '@anthropic-ai/sdk';
import { editExchanges } from '../../run/execution/context.js';
import type { Exchange, TurnRequest } from '../../run/execution/conversation.js';
import { areMany, isOfServer } from '../../run/execution/find-tools.js';
import type { ToolSpec } from '../../run/execution/tools.js';
import { hasThinking, isBlankText, isThinking, messagesOf, withoutThinking } from '../content/messages.js';
import { threadBlocks } from '../content/thread-blocks.js';
import { assignmentPrompt, turnSystem } from '../prompts.js';
import type { Draft, OptionalPart } from '../request/send.js';
import { serverTool } from '../request/server-tools.js';
import { contextManagement } from './context-editing.js';
import {
  manyToolsText,
  shownTools,
  TOOL_SEARCH,
  withKnownReferences,
  withoutToolSearch,
} from './many-tools.js';

const CACHE_MARK = { cache_control: { type: 'ephemeral' } } as const;

export interface TurnOptions {
  model: string;
  /** Limit for the turn, thinking included. */
  maxTokens: number;
  /** Longest wait for the beginning of the answer, in milliseconds. */
  patienceMs: number;
  /** Set if the API is to clear old tool results. */
  editsContext: boolean;
  /** Set if the endpoint may have a search for tools, so it gets all of them. */
  hasToolSearch: boolean;
}

export function draftTurn(
  input: TurnRequest,
  { model, maxTokens, patienceMs, editsContext, hasToolSearch }: TurnOptions,
): Draft {
  const { exchanges } = input;
  const material = threadBlocks(input.thread);
  const build = (own: readonly Exchange[]) => messagesOf(assignmentPrompt(input), own, material);
  const messages = build(exchanges);
  const container = containerFor(input);
  const many = areMany(input.tools);
  const uses: OptionalPart[] = ['caching'];
  if (many && hasToolSearch) uses.push('tool_search');
  if (editsContext) uses.push('context_editing');
  if (container || hasOpenServerCall(exchanges)) uses.push('container');
  if (hasThinking(messages)) uses.push('thinking');
  if (input.serverTools.length > 0) uses.push('newest_server_tools', 'server_tools');
  if (input.serverTools.length > 1) uses.push('web_search');
  return {
    uses,
    patienceMs,
    ...(input.refused && { refused: input.refused }),
    build(without, refusedTools) {
      const serverTools = input.serverTools.filter(
        (name) => !without.has('server_tools') && !(name === 'web_search' && without.has('web_search')),
      );
      const isOlder = without.has('newest_server_tools');
      const searches = uses.includes('tool_search') && !without.has('tool_search');
      const own = (many && !searches ? shownTools(input) : input.tools)
        .filter(({ name }) => !refusedTools?.has(name))
        .map((tool) => ({ ...toParam(tool), ...(searches && isOfServer(tool) && { defer_loading: true }) }));
      const ofModel = serverTools.map((name) => serverTool(name, { isOlder }));
      const tools = [...(searches ? [TOOL_SEARCH] : []), ...own, ...ofModel];
      const names = new Set(own.map(({ name }) => name));
      const system =
        turnSystem(serverTools.includes('code_execution')) + (many ? manyToolsText(input.tools) : '');
      const known = without.has('container')
        ? build(editExchanges(exchanges, { isCodeLost: true }))
        : messages;
      const searched = searches ? withKnownReferences(known, names) : withoutToolSearch(known);
      const sent = without.has('thinking') ? withoutThinking(searched) : searched;
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
