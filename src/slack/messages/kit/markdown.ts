import type { KnownBlock, RichTextBlockElement, RichTextElement, TableBlock } from '@slack/types';
import { LIMITS } from './limits.js';
import { textLength } from './paginate.js';
import { type MarkdownNode, parseMarkdown } from './parse-markdown.js';
import {
  linkWithDomain,
  list,
  paragraph,
  paragraphBlocks,
  preformatted,
  quote,
  richText,
  splitElements,
  verbatim,
} from './rich-text.js';

type Style = { bold?: true; italic?: true; strike?: true; code?: true };

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
  const { type, token, children } = node;
  switch (type) {
    case 'hr':
      return [{ type: 'divider' }];
    case 'heading':
      return paragraphBlocks(inline(children, { bold: true }));
    case 'fence':
    case 'code_block':
      return preformatted(token.content.replace(/\n$/, ''));
    case 'table':
      return tableBlocks(node);
    case 'blockquote':
      return splitElements(linesOf(children)).map((part) => richText(quote(...part)));
    case 'bullet_list':
    case 'ordered_list':
      return lists(node, 0).map((block) => richText(block));
    default:
      return paragraphBlocks(inline(children));
  }
}

/** The inline elements of several blocks, with a line for each. */
function linesOf(nodes: MarkdownNode[]): RichTextElement[] {
  const leaves = (node: MarkdownNode): MarkdownNode[] =>
    CONTAINERS.has(node.type) ? node.children.flatMap(leaves) : [node];
  return nodes
    .flatMap(leaves)
    .flatMap((leaf, at) => [...(at > 0 ? [verbatim('\n')] : []), ...inline([leaf])]);
}

const CONTAINERS = new Set([
  'blockquote',
  'bullet_list',
  'ordered_list',
  'list_item',
  'table',
  'thead',
  'tbody',
  'tr',
]);

const STYLES: Partial<Record<string, Style>> = {
  strong: { bold: true },
  em: { italic: true },
  s: { strike: true },
};

function inline(nodes: MarkdownNode[], style: Style = {}): RichTextElement[] {
  const styled = (text: string) => verbatim(text, Object.keys(style).length > 0 ? style : undefined);
  return nodes.flatMap(({ type, token, children }): RichTextElement[] => {
    switch (type) {
      case 'code_inline':
        return [verbatim(token.content, { ...style, code: true })];
      case 'softbreak':
      case 'hardbreak':
        return [verbatim('\n')];
      case 'link':
        return linkWithDomain(textOf(children), String(token.attrGet('href')));
      case 'image':
        return linkWithDomain(token.content, String(token.attrGet('src')));
      case 'hr':
        return [styled('———')];
      default:
        if (children.length > 0) return inline(children, { ...style, ...STYLES[type] });
        return token.content === '' ? [] : [styled(token.content)];
    }
  });
}

function textOf(nodes: MarkdownNode[]): string {
  const text = ({ type, token, children }: MarkdownNode) =>
    children.length > 0 ? textOf(children) : type.endsWith('break') ? ' ' : token.content;
  return nodes.map(text).join('');
}

/** A list and its nested lists, one after the other, each with its indent. */
function lists({ type, token, children: items }: MarkdownNode, indent: number): RichTextBlockElement[] {
  const before = Number(token.attrGet('start') ?? 1) - 1;
  const isList = (node: MarkdownNode) => node.type.endsWith('_list');
  return items.flatMap(({ children }, at) => {
    const own = checkbox(linesOf(children.filter((node) => !isList(node))));
    const [first = [verbatim(' ')], ...rest] = splitElements(own);
    return [
      list(type === 'ordered_list' ? 'ordered' : 'bullet', [first], { offset: before + at, indent }),
      ...rest.map((part) => paragraph(...part)),
      ...children.filter(isList).flatMap((nested) => lists(nested, Math.min(indent + 1, 8))),
    ];
  });
}

/** Draws the box of a task: `[ ]` and `[x]` at the start of a list item. */
function checkbox([first, ...rest]: RichTextElement[]): RichTextElement[] {
  if (first?.type !== 'text') return first ? [first, ...rest] : [];
  const text = first.text.replace(/^\[[ xX]\] /, (box) => (box === '[ ] ' ? '☐ ' : '☑ '));
  return [{ ...first, text }, ...rest];
}

/** Limit for a table's text, in characters; the message's other text needs the rest. */
const TABLE_ROOM = LIMITS.tableText - 2_000;

/** A Slack table, or aligned, preformatted text for a table that exceeds Slack's limits. */
function tableBlocks({ children }: MarkdownNode): KnownBlock[] {
  const rows = children.flatMap((part) => part.children).map((row) => row.children);
  const cells = rows.map((row, at) =>
    row.map((cell) => inline(cell.children, at === 0 ? { bold: true } : {})),
  );
  const [header = []] = rows;
  const drawn = cells.map((row) => row.map(tableCell));
  const isTooLarge = header.length > LIMITS.tableColumns || drawn.length > LIMITS.tableRows;
  if (isTooLarge || textLength(drawn) > TABLE_ROOM) return preformatted(tableText(cells));
  // Cells wrap, because Slack cuts others in a narrow thread.
  const columns = header.map(({ token }) => ({ align: alignOf(token), is_wrapped: true }));
  return [{ type: 'table', rows: drawn, column_settings: columns }];
}

function alignOf(token: MarkdownNode['token']): 'left' | 'center' | 'right' {
  const style = String(token.attrGet('style'));
  return style.endsWith('right') ? 'right' : style.endsWith('center') ? 'center' : 'left';
}

/** A cell: raw text if it has no style. Slack refuses an empty cell. */
function tableCell(elements: RichTextElement[]): TableBlock['rows'][number][number] {
  const [first, ...more] = elements;
  if (!first) return { type: 'raw_text', text: ' ' };
  const isRaw = more.length === 0 && first.type === 'text' && !first.style;
  return isRaw ? { type: 'raw_text', text: first.text } : richText(paragraph(...elements));
}

/** Limit for the width of an aligned column, in characters. A longer cell pushes its row aside. */
const COLUMN_WIDTH = 40;

/** A table as aligned text, without styles. */
function tableText(cells: RichTextElement[][][]): string {
  const textOfElement = (element: RichTextElement) => ('text' in element ? (element.text ?? '') : '');
  const rows = cells.map((row) => row.map((elements) => elements.map(textOfElement).join('')));
  const [header = [], ...body] = rows;
  const widths = header.map((_, column) => {
    const widest = rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0);
    return Math.min(widest, COLUMN_WIDTH);
  });
  const draw = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [draw(header), draw(widths.map((width) => '─'.repeat(width))), ...body.map(draw)].join('\n');
}
