import type { KnownBlock, RichTextElement, TableBlock } from '@slack/types';
import { LIMITS } from '../limits.js';
import { textLength } from '../paginate.js';
import { paragraph, preformatted, richText } from '../rich-text.js';
import { inline, textOf } from './markdown-inline.js';
import type { MarkdownNode } from './parse-markdown.js';

/** Limit for a table's text, in characters; the message's other text needs the rest. */
const TABLE_ROOM = LIMITS.tableText - 2_000;

/** A Slack table, or aligned, preformatted text for a table that exceeds Slack's limits. */
export function tableBlocks(table: MarkdownNode): KnownBlock[] {
  const rows = rowsOf(table);
  const [header = []] = rows;
  const drawn = rows.map((row, at) =>
    row.map((cell) => tableCell(inline(cell.children, at === 0 ? { bold: true } : {}))),
  );
  const isTooLarge = header.length > LIMITS.tableColumns || drawn.length > LIMITS.tableRows;
  if (isTooLarge || textLength(drawn) > TABLE_ROOM) return preformatted(tableText(table));
  // Cells wrap, because Slack cuts others in a narrow thread.
  const columns = header.map(({ token }) => ({ align: alignOf(token), is_wrapped: true }));
  return [{ type: 'table', rows: drawn, column_settings: columns }];
}

function rowsOf({ children }: MarkdownNode): MarkdownNode[][] {
  return children.flatMap((part) => part.children).map((row) => row.children);
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
export function tableText(table: MarkdownNode): string {
  const rows = rowsOf(table).map((row) => row.map((cell) => textOf(cell.children)));
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
