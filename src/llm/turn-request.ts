import type Anthropic from '@anthropic-ai/sdk';
import type { Assignment, Exchange } from '../run/conversation.js';
import type { ToolSpec } from '../run/tools.js';
import { cached } from './caching.js';
import { hasThinking, messagesOf, withoutThinking } from './messages.js';
import { executePrompt, turnSystem } from './prompts.js';
import type { Draft, Optional } from './send.js';

/** Tools that run on the model's side. */
export type ServerTool = 'web_search' | 'code_execution';

export interface TurnInput extends Assignment {
  /** What was said since the assignment. */
  exchanges: Exchange[];
  tools: ToolSpec[];
  serverTools: ServerTool[];
}

/** Thinking counts, too. */
const MAX_TOKENS = 32_000;

/**
 * Called directly, not out of the model's code: a call out of code is bound to a container, which would not outlive a wait of days
 * for people.
 */
const SERVER_TOOLS: Record<ServerTool, Anthropic.ToolUnion> = {
  web_search: { type: 'web_search_20260318', name: 'web_search', max_uses: 5, allowed_callers: ['direct'] },
  code_execution: { type: 'code_execution_20260521', name: 'code_execution' },
};

/** The request for the next turn of an execution. */
export function turnRequest(model: string, input: TurnInput): Draft {
  const messages = messagesOf(executePrompt(input), input.exchanges);
  const own = input.tools.map(toolOf);
  const servers = input.serverTools.map((name) => SERVER_TOOLS[name]);
  const uses: Optional[] = ['caching'];
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
      return without.has('caching') ? params : cached(params);
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
