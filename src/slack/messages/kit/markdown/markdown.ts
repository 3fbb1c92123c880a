import type { KnownBlock } from '@slack/types';
import { paragraphBlocks, richText, verbatim } from '../rich-text.js';
import { inline } from './markdown-inline.js';
import { codeElements, nestedBlocks } from './markdown-nested.js';
import { tableBlocks } from './markdown-table.js';
import { type MarkdownNode, parseMarkdown } from './parse-markdown.js';

/**
 * Draws a model's Markdown as rich text. Slack parses nothing in rich text, so a mention or a hidden link stays plain text. A table that
 * exceeds Slack's limits becomes aligned, preformatted text; raw HTML is shown as written. A text that is too long or too deep is shown
 * as plain text.
 */
export function markdownBlocks(markdown: string): KnownBlock[] {
  return markdownParts(markdown).flatMap(({ blocks }) => blocks);
}

/** Draws each paragraph, list or table separately, so that a long text can be cut between them. `type` is that of the node. */
export function markdownParts(markdown: string): { type: string; blocks: KnownBlock[] }[] {
  try {
    const nodes = parseMarkdown(markdown);
    if (nodes) return nodes.map((node) => ({ type: node.type, blocks: blocksOf(node) }));
  } catch {
    // A text that breaks the parser is still shown, as it is.
  }
  return [{ type: 'paragraph', blocks: paragraphBlocks([verbatim(markdown)]) }];
}

function blocksOf(node: MarkdownNode): KnownBlock[] {
  switch (node.type) {
    case 'hr':
      return [{ type: 'divider' }];
    case 'heading':
      return paragraphBlocks(inline(node.children, { bold: true }));
    case 'fence':
    case 'code_block':
      return codeElements(node).map((element) => richText(element));
    case 'table':
      return tableBlocks(node);
    case 'blockquote':
    case 'bullet_list':
    case 'ordered_list':
      return nestedBlocks(node);
    default:
      return paragraphBlocks(inline(node.children));
  }
}
