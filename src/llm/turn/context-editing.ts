import type { Exchange } from '../../run/execution/conversation.js';
import type { Message } from '../request/receive.js';

/** The API's context editing, which the SDK's stable types don't know. Source: `BetaClearToolUses20250919Edit` in the SDK. */
export interface ContextManagement {
  edits: {
    type: 'clear_tool_uses_20250919';
    trigger: { type: 'input_tokens'; value: number };
    keep: { type: 'tool_uses'; value: number };
    clear_at_least: { type: 'input_tokens'; value: number };
  }[];
}

/** Value of the `anthropic-beta` header that context editing needs. */
export const CONTEXT_EDITING_BETA = 'context-management-2025-06-27';

/** Old tool results are cleared from this many tokens on, whatever the model's context is: each turn pays for them again. */
export const TRIGGER_TOKENS = 100_000;
/** Each clearing makes the prompt cache useless once, so it must be worth it. In tokens. */
const CLEAR_AT_LEAST = 20_000;
/** Results that stay, unless the last turn had more: the model has not read those yet. */
const KEEP_RESULTS = 4;

/** Tells the API to clear old tool results. */
export function contextManagement(exchanges: readonly Exchange[]): ContextManagement {
  return {
    edits: [
      {
        type: 'clear_tool_uses_20250919',
        trigger: { type: 'input_tokens', value: TRIGGER_TOKENS },
        keep: { type: 'tool_uses', value: countKept(exchanges) },
        clear_at_least: { type: 'input_tokens', value: CLEAR_AT_LEAST },
      },
    ],
  };
}

/** Number of the oldest results that may be cleared before the context is full. */
export function countOld(exchanges: readonly Exchange[]): number {
  return Math.max(0, countResults(exchanges) - countKept(exchanges));
}

function countKept(exchanges: readonly Exchange[]): number {
  return Math.max(KEEP_RESULTS, countResults(exchanges.slice(-1)));
}

function countResults(exchanges: readonly Exchange[]): number {
  return exchanges.flatMap(({ content }) => content).filter(({ type }) => type === 'tool_result').length;
}

/** Estimates the tokens of a conversation, rather too many: a token of English has four bytes, and one of Chinese has three. */
export function estimateTokens(exchanges: readonly Exchange[]): number {
  let images = 0;
  const json = JSON.stringify(exchanges, (_, value) => {
    if (value?.type !== 'image') return value;
    images += 1;
    return {};
  });
  return Math.ceil(Buffer.byteLength(json) / 3) + images * IMAGE_TOKENS;
}

/** Tokens of a large image. Source: Anthropic's documentation, "Vision". */
const IMAGE_TOKENS = 1_600;

/** Number of tool results that the API cleared for this answer, from the oldest on. Its own count may include those of server tools. */
export function readCleared(message: Message, exchanges: readonly Exchange[]): number {
  const { context_management: report } = message as { context_management?: Report | null };
  const counts = (report?.applied_edits ?? []).map(({ cleared_tool_uses }) => cleared_tool_uses ?? 0);
  return Math.min(Math.max(0, ...counts), countOld(exchanges));
}

interface Report {
  applied_edits?: { cleared_tool_uses?: number }[];
}
