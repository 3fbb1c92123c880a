import { isThinking } from '../../run/execution/context.js';
import type { Exchange } from '../../run/execution/conversation.js';
import type { ContentBlock } from '../../run/execution/tools.js';

export { isThinking };

/** Stands for missing content: the API refuses a message that is empty or only white space. */
export const NOTHING: ContentBlock = { type: 'text', text: '(nothing)' };

/** Builds the conversation for the API; `material` follows the assignment. The same exchanges give the same messages, and are not changed. */
export function messagesOf(
  assignment: string,
  exchanges: readonly Exchange[],
  material: readonly ContentBlock[] = [],
): Exchange[] {
  const messages: Exchange[] = [{ role: 'user', content: [{ type: 'text', text: assignment }, ...material] }];
  for (const { role, content } of exchanges) {
    const last = messages.at(-1);
    // A paused turn and its continuation are one message.
    if (last?.role === role) last.content.push(...content);
    else messages.push({ role, content: [...content] });
  }
  const last = messages.at(-1);
  // Newer models refuse to continue their own answer, unless a server tool paused it.
  if (last?.role === 'assistant' && !last.content.some(({ type }) => type === 'server_tool_use')) {
    messages.push({ role: 'user', content: [{ type: 'text', text: 'Go on where you stopped.' }] });
  }
  return messages;
}

export function withoutThinking<T extends { content: string | ContentBlock[] }>(messages: readonly T[]): T[] {
  return messages.map((message) => {
    if (typeof message.content === 'string') return message;
    const rest = message.content.filter((block) => !isThinking(block));
    return { ...message, content: rest.length > 0 ? rest : [NOTHING] };
  });
}

export function isImage({ type }: ContentBlock): boolean {
  return type === 'image';
}

export function hasThinking(messages: readonly Exchange[]): boolean {
  return messages.some(({ content }) => content.some(isThinking));
}

export function isBlankText({ type, text }: ContentBlock): boolean {
  return type === 'text' && String(text ?? '').trim() === '';
}
