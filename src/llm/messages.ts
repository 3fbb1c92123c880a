import type Anthropic from '@anthropic-ai/sdk';
import type { Exchange } from '../run/execution/conversation.js';
import type { ContentBlock } from '../run/execution/tools.js';

/** Replaces missing content: the API refuses an empty message, and one of white space alone. */
export const NOTHING: ContentBlock = { type: 'text', text: '(nothing)' };

/** Builds the conversation as the API takes it. The exchanges are left as they are; the same ones give the same messages. */
export function messagesOf(assignment: string, exchanges: readonly Exchange[]): Anthropic.MessageParam[] {
  const messages: Exchange[] = [{ role: 'user', content: [{ type: 'text', text: assignment }] }];
  for (const { role, content } of exchanges) {
    const last = messages.at(-1);
    const sent = content.filter((block) => !isEmptyText(block));
    // A paused turn and its continuation are one message.
    if (last?.role === role) last.content.push(...sent);
    else messages.push({ role, content: sent });
  }
  for (const message of messages) if (message.content.every(isBlankText)) message.content = [NOTHING];
  const last = messages.at(-1);
  // Newer models refuse to continue an answer of theirs, but for one that their own tools paused.
  if (last?.role === 'assistant' && !last.content.some(({ type }) => type === 'server_tool_use')) {
    messages.push({ role: 'user', content: [{ type: 'text', text: 'Go on where you stopped.' }] });
  }
  return messages as unknown as Anthropic.MessageParam[];
}

/** Leaves out the model's thinking. */
export function withoutThinking(messages: readonly Anthropic.MessageParam[]): Anthropic.MessageParam[] {
  return messages.map((message) => {
    if (typeof message.content === 'string') return message;
    const rest = message.content.filter(({ type }) => !isThinking(type));
    return { ...message, content: rest.length > 0 ? rest : [NOTHING] } as Anthropic.MessageParam;
  });
}

export function hasThinking(messages: readonly Anthropic.MessageParam[]): boolean {
  return messages.some(
    ({ content }) => typeof content !== 'string' && content.some(({ type }) => isThinking(type)),
  );
}

export function isThinking(type: string): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}

function isEmptyText({ type, text }: ContentBlock): boolean {
  return type === 'text' && text === '';
}

export function isBlankText({ type, text }: { type: string; text?: unknown }): boolean {
  return type === 'text' && String(text ?? '').trim() === '';
}
