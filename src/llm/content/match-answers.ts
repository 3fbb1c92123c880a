import { resultBlock, textBlock } from '../../run/execution/conversation.js';
import type { ContentBlock } from '../../run/execution/tools.js';
import type { SentMessage } from './blocks.js';

const LOST = 'The answer to this call was lost: whether it happened is not known.';

/** Gives each call exactly one answer, before all else in the next message, as the API demands. An answer without a call is dropped. */
export function matchAnswers(messages: readonly SentMessage[]): SentMessage[] {
  return messages.map((message, index) => {
    if (message.role !== 'user') return message;
    const calls = blocksOf(messages[index - 1]).filter(({ type }) => type === 'tool_use');
    const blocks = blocksOf(message);
    const answers = blocks.filter(({ type }) => type === 'tool_result');
    if (calls.length + answers.length === 0) return message;
    const matched = calls.map(
      ({ id }) =>
        answers.find(({ tool_use_id }) => tool_use_id === id) ??
        resultBlock(String(id), [textBlock(LOST)], true),
    );
    return { role: 'user', content: [...matched, ...blocks.filter((block) => !answers.includes(block))] };
  });
}

function blocksOf(message: SentMessage | undefined): ContentBlock[] {
  const { content = [] } = message ?? {};
  return typeof content === 'string' ? [textBlock(content)] : content;
}
