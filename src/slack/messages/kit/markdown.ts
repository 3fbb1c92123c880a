import type { KnownBlock, RichTextBlockElement, RichTextElement, TableBlock } from '@slack/types';
import { lexer, type Token, type Tokens } from 'marked';
import { LIMITS } from './limits.js';
import { textLength } from './paginate.js';
import { list, paragraph, preformatted, quote, richText, splitElements } from './rich-text.js';
import { linkWithDomain, verbatim } from './text.js';

type Style = { bold?: true; italic?: true; strike?: true; code?: true };

/**
 * Draws a model's Markdown as rich text, in which nothing is parsed: a mention or a hidden link in it stays plain text.
 * A table that is larger than Slack's becomes aligned, preformatted text; raw HTML shows as it was written.
 */
export function markdownBlocks(markdown: string): KnownBlock[] {
  return markdownParts(markdown).flatMap(({ blocks }) => blocks);
}

/** A paragraph, a list, a table: a long text may be cut behind it. */
export interface MarkdownPart {
  /** The lexer's name of it. */
  type: string;
  blocks: KnownBlock[];
}

export function markdownParts(markdown: string): MarkdownPart[] {
  return lexer(markdown)
    .map((token) => ({ type: token.type, blocks: blocksOf(token) }))
    .filter(({ blocks }) => blocks.length > 0);
}

function blocksOf(token: Token): KnownBlock[] {
  switch (token.type) {
    case 'space':
      return [];
    case 'hr':
      return [{ type: 'divider' }];
    case 'heading':
      return sections(inline(token.tokens ?? [], { bold: true }));
    case 'code':
      return preformatted(token.text);
    case 'table':
      return tableBlocks(token as Tokens.Table);
    case 'blockquote':
      return splitElements(inlineOf(token as Tokens.Blockquote)).map((part) => richText(quote(...part)));
    case 'list':
      return lists(token as Tokens.List, 0).map((block) => richText(block));
    default:
      return sections(
        'tokens' in token && token.tokens ? inline(token.tokens) : [verbatim(token.raw.trim())],
      );
  }
}

function sections(elements: RichTextElement[]): KnownBlock[] {
  return splitElements(elements).map((part) => richText(paragraph(...part)));
}

const STYLES = { strong: { bold: true }, em: { italic: true }, del: { strike: true } } as const;

function inline(tokens: Token[], style: Style = {}): RichTextElement[] {
  return tokens.flatMap((token): RichTextElement[] => {
    switch (token.type) {
      case 'strong':
      case 'em':
      case 'del':
        return inline(token.tokens ?? [], { ...style, ...STYLES[token.type] });
      case 'codespan':
        return [styled(token.text, { ...style, code: true })];
      case 'br':
        return [verbatim('\n')];
      case 'link':
      case 'image':
        return linkWithDomain(token.text, token.href);
      default:
        if ('tokens' in token && token.tokens) return inline(token.tokens, style);
        return [
          styled('text' in token && token.type !== 'html' ? unescapeHtml(token.text) : token.raw, style),
        ];
    }
  });
}

/** Every inline element in a quote, paragraph after paragraph. */
function inlineOf(token: Tokens.Blockquote): RichTextElement[] {
  return token.tokens.flatMap((part, index) => [
    ...(index > 0 ? [verbatim('\n')] : []),
    ...('tokens' in part && part.tokens ? inline(part.tokens) : [verbatim(part.raw.trim())]),
  ]);
}

/** A list and the lists in it, one after the other, each with its indent. */
function lists(token: Tokens.List, indent: number): RichTextBlockElement[] {
  const style = token.ordered ? 'ordered' : 'bullet';
  let offset = token.ordered && typeof token.start === 'number' ? token.start - 1 : 0;
  const elements: RichTextBlockElement[] = [];
  for (const item of token.items) {
    const own = item.tokens.filter((part) => part.type !== 'list');
    const box = item.task ? [verbatim(item.checked ? '☑ ' : '☐ ')] : [];
    const [first = [verbatim(' ')], ...rest] = splitElements([...box, ...inline(own)]);
    elements.push(list(style, [first], { offset, indent }), ...rest.map((part) => paragraph(...part)));
    offset += 1;
    for (const nested of item.tokens.filter((part) => part.type === 'list')) {
      elements.push(...lists(nested as Tokens.List, Math.min(indent + 1, 8)));
    }
  }
  return elements;
}

/** Slack's own table; aligned, preformatted text where the table is larger than Slack's may be. */
function tableBlocks(table: Tokens.Table): KnownBlock[] {
  const { header, rows, align } = table;
  const drawn = [header, ...rows].map((row, at) =>
    row.map(({ tokens }) => tableCell(inline(tokens, at === 0 ? { bold: true } : {}))),
  );
  const isTooLarge = header.length > LIMITS.tableColumns || drawn.length > LIMITS.tableRows;
  if (isTooLarge || textLength(drawn) > TABLE_ROOM) return preformatted(tableText(table));
  // A cell that isn't wrapped is cut where the thread is narrow.
  const columns = align.map((side) => ({ align: side ?? 'left', is_wrapped: true }) as const);
  return [{ type: 'table', rows: drawn, column_settings: columns }];
}

/** A message has other text, too: a table leaves room for it, in characters. */
const TABLE_ROOM = LIMITS.tableText - 2_000;

/** Text without a style stays raw; Slack refuses an empty cell. */
function tableCell(elements: RichTextElement[]): TableBlock['rows'][number][number] {
  const [first, ...more] = elements;
  if (!first) return { type: 'raw_text', text: ' ' };
  if (more.length === 0 && first.type === 'text' && !first.style) {
    return { type: 'raw_text', text: first.text };
  }
  return richText(paragraph(...elements));
}

function tableText(table: Tokens.Table): string {
  const rows = [table.header, ...table.rows].map((row) => row.map((cell) => plainOf(inline(cell.tokens))));
  const widths = table.header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const draw = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  const [header = [], ...body] = rows;
  return [draw(header), widths.map((width) => '─'.repeat(width)).join('  '), ...body.map(draw)].join('\n');
}

/** The text of inline elements, without its styles. */
function plainOf(elements: RichTextElement[]): string {
  return elements.map((element) => ('text' in element ? (element.text ?? '') : '')).join('');
}

function styled(text: string, style: Style): RichTextElement {
  return verbatim(text, Object.keys(style).length > 0 ? style : undefined);
}

/** The lexer leaves entities that the author wrote; people read characters. */
function unescapeHtml(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
