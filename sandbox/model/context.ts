import type { Message } from './blocks.js';
import { badRequest, type MessagesRequest, type Part, partsOf } from './request.js';
import { stopped } from './stops.js';
import { countTokens } from './usage.js';

/** Value of the `anthropic-beta` header that context editing needs. */
const BETA = 'context-management-2025-06-27';
const CLEARED = '[Old tool result content cleared]';

interface Edit {
  type: string;
  trigger?: { type: string; value: number };
  keep?: { type: string; value: number };
  clear_at_least?: { type: string; value: number } | null;
  exclude_tools?: string[] | null;
}

/** An edit that was applied, as the API reports it. */
export interface AppliedEdit {
  type: string;
  cleared_tool_uses: number;
  cleared_input_tokens: number;
}

/**
 * Clears old tool results, as the API's `clear_tool_uses_20250919` does: from the trigger on, all but the newest. The client's own
 * conversation stays as it is. @throws RequestError without the beta header, or for another edit.
 */
export function editContext(
  body: MessagesRequest,
  beta: string,
): { edited: MessagesRequest; applied: AppliedEdit[] } {
  const { context_management: wanted, ...rest } = body as MessagesRequest & {
    context_management?: { edits?: Edit[] };
  };
  if (!wanted) return { edited: body, applied: [] };
  if (!beta.includes(BETA)) throw badRequest('context_management: Extra inputs are not permitted');
  const [edit, ...others] = wanted.edits ?? [];
  if (!edit) return { edited: rest, applied: [] };
  if (others.length > 0 || edit.type !== 'clear_tool_uses_20250919') {
    throw badRequest(
      `context_management.edits.0: Input tag '${edit.type}' found using 'type' does not match any of the expected tags: 'clear_thinking_20251015', 'clear_tool_uses_20250919', 'compact_20260112'`,
    );
  }
  const { trigger, keep, clear_at_least: atLeast, exclude_tools: excluded } = edit;
  const before = countTokens(rest);
  const uses = body.messages.flatMap(partsOf).filter((part) => part.type === 'tool_use');
  const size = trigger?.type === 'tool_uses' ? uses.length : before;
  if (size <= (trigger?.value ?? 100_000)) return { edited: rest, applied: [] };
  const old = uses
    .slice(0, Math.max(0, uses.length - (keep?.value ?? 3)))
    .filter(({ name = '' }) => !excluded?.includes(name));
  const ids = new Set(old.map(({ id }) => id));
  const clear = (part: Part): Part =>
    part.type === 'tool_result' && ids.has(part.tool_use_id) ? { ...part, content: CLEARED } : part;
  const messages = body.messages.map((message) => ({ ...message, content: partsOf(message).map(clear) }));
  const edited = { ...rest, messages };
  const freed = before - countTokens(edited);
  if (old.length === 0 || freed < (atLeast?.value ?? 0)) return { edited: rest, applied: [] };
  const { type } = edit;
  return { edited, applied: [{ type, cleared_tool_uses: old.length, cleared_input_tokens: freed }] };
}

/** Refuses a prompt that is longer than the model's context, alone or with the answer's limit. @throws RequestError */
export function checkLength(tokens: number, contextTokens: number, maxTokens: number): void {
  if (tokens > contextTokens)
    throw badRequest(`prompt is too long: ${tokens} tokens > ${contextTokens} maximum`);
  if (tokens + maxTokens <= contextTokens) return;
  // Source: docker-agent#569.
  throw badRequest(
    `input length and \`max_tokens\` exceed context limit: ${tokens} + ${maxTokens} > ${contextTokens}, decrease input length or \`max_tokens\` and try again`,
  );
}

/** Ends an answer where the request's limit, or the model's context, is reached. */
export function withinLimits(message: Message, body: MessagesRequest, contextTokens: number): Message {
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens } = message.usage;
  const room = contextTokens - input_tokens - cache_creation_input_tokens - cache_read_input_tokens;
  if (output_tokens <= Math.min(room, body.max_tokens)) return message;
  return stopped(message, room < body.max_tokens ? 'model_context_window_exceeded' : 'max_tokens', body);
}
