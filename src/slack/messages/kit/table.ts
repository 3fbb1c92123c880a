import type { RichTextElement, TableBlock } from '@slack/types';
import type { Tokens } from 'marked';
import { LIMITS } from './limits.js';
import { textLength } from './paginate.js';
import { paragraph, richText } from './rich-text.js';

type Cell = TableBlock['rows'][number][number];

/** A message has other text, too: a table leaves room for it, in characters. */
const ROOM = LIMITS.tableText - 2_000;

/** A Markdown table as Slack's own; undefined where it is larger than those may be. `inline` draws a cell's Markdown. */
export function tableBlock(
  table: Tokens.Table,
  inline: (cell: Tokens.TableCell, isHead: boolean) => RichTextElement[],
): TableBlock | undefined {
  const { header, rows, align } = table;
  if (header.length > LIMITS.tableColumns || rows.length + 1 > LIMITS.tableRows) return undefined;
  const drawn = [header, ...rows].map((row, at) => row.map((cell) => cellOf(inline(cell, at === 0))));
  if (textLength(drawn) > ROOM) return undefined;
  return {
    type: 'table',
    rows: drawn,
    // A cell that isn't wrapped is cut where the thread is narrow.
    column_settings: align.map((side) => ({ align: side ?? 'left', is_wrapped: true })),
  };
}

/** Text without a style stays raw; Slack refuses an empty cell. */
function cellOf(elements: RichTextElement[]): Cell {
  if (elements.length === 0) return { type: 'raw_text', text: ' ' };
  const [only] = elements;
  if (elements.length === 1 && only?.type === 'text' && !only.style)
    return { type: 'raw_text', text: only.text };
  return richText(paragraph(...elements));
}
