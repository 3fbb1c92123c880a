import type { KnownBlock, RichTextBlockElement, RichTextElement, TableBlock } from '@slack/types';
import { lexer, type Token, type Tokens } from 'marked';
import { LIMITS } from './limits.js';
import { textLength } from './paginate.js';
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
 * exceeds Slack's limits becomes aligned, preformatted text; raw HTML is shown as written.
 */
export function markdownBlocks(markdown: string): KnownBlock[] {
  return markdownParts(markdown).flatMap(({ blocks }) => blocks);
}

/** Draws each paragraph, list or table separately, so that a long text can be cut between them. `type` is the lexer's token type. */
export function markdownParts(markdown: string): { type: string; blocks: KnownBlock[] }[] {
  const parts = lexer(markdown).map((token) => ({ type: token.type, blocks: blocksOf(token) }));
  return parts.filter(({ blocks }) => blocks.length > 0);
}

function blocksOf(token: Token): KnownBlock[] {
  switch (token.type) {
    case 'space':
      return [];
    case 'hr':
      return [{ type: 'divider' }];
    case 'heading':
      return paragraphBlocks(inline(token.tokens ?? [], { bold: true }));
    case 'code':
      return preformatted(token.text);
    case 'table':
      return tableBlocks(token as Tokens.Table);
    case 'blockquote': {
      const parts = (token.tokens ?? []).map(inlineOf);
      const elements = parts.flatMap((part, at) => (at > 0 ? [verbatim('\n'), ...part] : part));
      return splitElements(elements).map((part) => richText(quote(...part)));
    }
    case 'list':
      return lists(token as Tokens.List, 0).map((block) => richText(block));
    default:
      return paragraphBlocks(inlineOf(token));
  }
}

/** Inline elements of a block. */
function inlineOf(token: Token): RichTextElement[] {
  return 'tokens' in token && token.tokens ? inline(token.tokens) : [verbatim(token.raw.trim())];
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
        return [verbatim(token.text, { ...style, code: true })];
      case 'br':
        return [verbatim('\n')];
      case 'link':
      case 'image':
        return linkWithDomain(token.text, token.href);
      default: {
        if ('tokens' in token && token.tokens) return inline(token.tokens, style);
        const text = 'text' in token && token.type !== 'html' ? unescapeHtml(token.text) : token.raw;
        return [verbatim(text, Object.keys(style).length > 0 ? style : undefined)];
      }
    }
  });
}

/** A list and its nested lists, one after the other, each with its indent. */
function lists({ ordered, start, items }: Tokens.List, indent: number): RichTextBlockElement[] {
  const before = ordered && typeof start === 'number' ? start - 1 : 0;
  return items.flatMap(({ tokens, task, checked }, at) => {
    const box = task ? [verbatim(checked ? '☑ ' : '☐ ')] : [];
    const own = inline(tokens.filter(({ type }) => type !== 'list'));
    const [first = [verbatim(' ')], ...rest] = splitElements([...box, ...own]);
    const nested = tokens.filter(({ type }) => type === 'list') as Tokens.List[];
    return [
      list(ordered ? 'ordered' : 'bullet', [first], { offset: before + at, indent }),
      ...rest.map((part) => paragraph(...part)),
      ...nested.flatMap((each) => lists(each, Math.min(indent + 1, 8))),
    ];
  });
}

/** Limit for a table's text, in characters; the message's other text needs the rest. */
const TABLE_ROOM = LIMITS.tableText - 2_000;

/** A Slack table, or aligned, preformatted text for a table that exceeds Slack's limits. */
function tableBlocks({ header, rows, align }: Tokens.Table): KnownBlock[] {
  const cells = [header, ...rows].map((row, at) =>
    row.map(({ tokens }) => inline(tokens, at === 0 ? { bold: true } : {})),
  );
  const drawn = cells.map((row) => row.map(tableCell));
  const isTooLarge = header.length > LIMITS.tableColumns || drawn.length > LIMITS.tableRows;
  if (isTooLarge || textLength(drawn) > TABLE_ROOM) return preformatted(tableText(cells));
  // Cells wrap, because Slack cuts others in a narrow thread.
  const columns = align.map((side) => ({ align: side ?? 'left', is_wrapped: true }) as const);
  return [{ type: 'table', rows: drawn, column_settings: columns }];
}

/** A cell: raw text if it has no style. Slack refuses an empty cell. */
function tableCell(elements: RichTextElement[]): TableBlock['rows'][number][number] {
  const [first, ...more] = elements;
  if (!first) return { type: 'raw_text', text: ' ' };
  const isRaw = more.length === 0 && first.type === 'text' && !first.style;
  return isRaw ? { type: 'raw_text', text: first.text } : richText(paragraph(...elements));
}

/** A table as aligned text, without styles. */
function tableText(cells: RichTextElement[][][]): string {
  const textOf = (element: RichTextElement) => ('text' in element ? (element.text ?? '') : '');
  const rows = cells.map((row) => row.map((elements) => elements.map(textOf).join('')));
  const [header = [], ...body] = rows;
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const draw = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return [draw(header), draw(widths.map((width) => '─'.repeat(width))), ...body.map(draw)].join('\n');
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };

/** The lexer keeps the author's entities, so they are decoded here. */
function unescapeHtml(text: string): string {
  return text.replaceAll(/&(lt|gt|quot|#39|amp);/g, (entity, name) => ENTITIES[name] ?? entity);
}
