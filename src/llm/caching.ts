import type Anthropic from '@anthropic-ai/sdk';
import { isBlankText, isThinking } from './messages.js';
import type { Params } from './send.js';

const MARK = { cache_control: { type: 'ephemeral' } } as const;

/**
 * Marks the beginning of the next turn, so that it is read from the prompt cache: the end of the system prompt (the tools come before
 * it), the assignment, and the end of the conversation. The end of the turn before is marked, too, because the API looks back no further
 * than 20 blocks. That makes four marks, the API's limit.
 */
export function markForCache(params: Params): Params {
  const { system, messages } = params;
  const answered = messages.findLastIndex(({ role }) => role === 'assistant');
  const ends = new Set([0, answered - 1, messages.length - 1]);
  return {
    ...params,
    ...(typeof system === 'string' && { system: [{ type: 'text', text: system, ...MARK }] }),
    messages: messages.map((message, index) => (ends.has(index) ? withMark(message) : message)),
  };
}

/** Copies a message, with a mark on the last block that can carry one. */
function withMark(message: Anthropic.MessageParam): Anthropic.MessageParam {
  const { content } = message;
  const blocks: Anthropic.ContentBlockParam[] =
    typeof content === 'string' ? [{ type: 'text', text: content }] : content;
  const last = blocks.findLastIndex((block) => !isThinking(block.type) && !isBlankText(block));
  return {
    ...message,
    content: blocks.map((block, index) =>
      index === last ? ({ ...block, ...MARK } as Anthropic.ContentBlockParam) : block,
    ),
  } as Anthropic.MessageParam;
}
