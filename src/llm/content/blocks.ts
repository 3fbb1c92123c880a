import type { ContentBlock } from '../../run/execution/tools.js';

/** A message of a request, as far as its parts are looked at. */
export interface SentMessage {
  role: string;
  content: string | ContentBlock[];
}

/** The parts of a tool's answer; empty for any other block. */
export function innerBlocks({ type, content }: ContentBlock): ContentBlock[] {
  return type === 'tool_result' && Array.isArray(content) ? content : [];
}

/** Changes blocks, and those inside of tools' answers first. */
export function changeBlocks(
  blocks: readonly ContentBlock[],
  change: (block: ContentBlock) => ContentBlock,
): ContentBlock[] {
  return blocks.map((block) => {
    const inner = innerBlocks(block);
    return change(inner.length > 0 ? { ...block, content: changeBlocks(inner, change) } : block);
  });
}

/** All images of a request, in order. */
export function imagesIn(messages: readonly SentMessage[]): ContentBlock[] {
  const blocks = blocksIn(messages).flatMap((block) => [block, ...innerBlocks(block)]);
  return blocks.filter(({ type }) => type === 'image');
}

/** The blocks of all messages, without those inside of others. */
export function blocksIn(messages: readonly SentMessage[]): ContentBlock[] {
  return messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content));
}

/** Puts a text in the place of a block. Its cache mark stays. */
export function toText({ cache_control }: ContentBlock, text: string): ContentBlock {
  return { type: 'text', text, ...(cache_control !== undefined && { cache_control }) };
}
