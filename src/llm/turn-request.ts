import type Anthropic from '@anthropic-ai/sdk';
import type { ServerTool, TurnRequest } from '../run/execution/conversation.js';
import type { ToolSpec } from '../run/execution/tools.js';
import { markForCache } from './caching.js';
import { hasThinking, messagesOf, withoutThinking } from './messages.js';
import { assignmentPrompt, turnSystem } from './prompts.js';
import type { Draft, OptionalPart } from './send.js';

/** Limit for one turn, thinking included, in tokens. */
const MAX_TOKENS = 32_000;

/** The model calls them directly, not out of its code: such a call is bound to a container, which doesn't outlive a wait for people. */
const SERVER_TOOLS: Record<ServerTool, Anthropic.ToolUnion> = {
  web_search: { type: 'web_search_20260318', name: 'web_search', max_uses: 5, allowed_callers: ['direct'] },
  code_execution: { type: 'code_execution_20260521', name: 'code_execution' },
};

/** Drafts the request for the next turn of an execution. */
export function draftTurn(model: string, input: TurnRequest): Draft {
  const messages = messagesOf(assignmentPrompt(input), input.exchanges);
  const own = input.tools.map(toolOf);
  const servers = input.serverTools.map((name) => SERVER_TOOLS[name]);
  const uses: OptionalPart[] = ['caching'];
  if (hasThinking(messages)) uses.push('thinking');
  if (servers.length > 0) uses.push('server_tools');
  return {
    uses,
    build(without) {
      const serverTools = without.has('server_tools') ? [] : servers;
      const tools = [...own, ...serverTools];
      const params = {
        model,
        system: turnSystem(serverTools.includes(SERVER_TOOLS.code_execution)),
        max_tokens: MAX_TOKENS,
        messages: without.has('thinking') ? withoutThinking(messages) : messages,
        stream: true as const,
        ...(tools.length > 0 && { tools }),
      };
      return without.has('caching') ? params : markForCache(params);
    },
  };
}

function toolOf({ name, description, inputSchema }: ToolSpec): Anthropic.Tool {
  return {
    name,
    ...(description !== '' && { description }),
    input_schema: { ...inputSchema, type: 'object' },
  };
}
