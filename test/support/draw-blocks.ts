import type { KnownBlock, RichTextBlock, RichTextBlockElement, RichTextElement } from '@slack/types';

/**
 * Writes blocks down, a line for each part: `¶` text, `•` and `1.` list items, `|` quotations, `⌨` code, `▦` rows of a table. Styles are
 * `<b>`, `<i>`, `<s>` and `<c>`, and a link is `label→address`.
 */
export function drawBlocks(blocks: readonly KnownBlock[]): string[] {
  return blocks.flatMap((block) => {
    if (block.type === 'divider') return ['———'];
    if (block.type === 'rich_text') return block.elements.flatMap(drawElement);
    if (block.type !== 'table') throw new Error(`Unexpected block: ${block.type}`);
    return block.rows.map((row) => `▦ ${row.map((cell) => drawCell(cell as Cell)).join(' ▏ ')}`);
  });
}

type Cell = { type: 'raw_text'; text: string } | RichTextBlock;

function drawCell(cell: Cell): string {
  if (cell.type === 'raw_text') return cell.text;
  return cell.elements.map((part) => drawInline(part.elements as RichTextElement[])).join('');
}

function drawElement(element: RichTextBlockElement): string[] {
  const bar = element.type !== 'rich_text_section' && element.border === 1 ? '| ' : '';
  if (element.type === 'rich_text_section') return [`¶ ${drawInline(element.elements)}`];
  if (element.type === 'rich_text_quote') return [`| ${drawInline(element.elements)}`];
  if (element.type === 'rich_text_preformatted') return [`${bar}⌨ ${drawInline(element.elements)}`];
  const { offset = 0, indent = 0 } = element as { offset?: number; indent?: number };
  return element.elements.map((item, at) => {
    const mark = element.style === 'bullet' ? '•' : `${offset + at + 1}.`;
    return `${bar}${'  '.repeat(indent)}${mark} ${drawInline(item.elements as RichTextElement[])}`;
  });
}

function drawInline(elements: readonly RichTextElement[]): string {
  return elements.map(drawPart).join('');
}

function drawPart(part: RichTextElement): string {
  if (part.type !== 'text' && part.type !== 'link') throw new Error(`Unexpected element: ${part.type}`);
  const { bold, italic, strike, code } = part.style ?? {};
  let drawn = part.type === 'link' ? `${part.text}→${part.url}` : part.text;
  if (code) drawn = `<c>${drawn}</c>`;
  if (strike) drawn = `<s>${drawn}</s>`;
  if (italic) drawn = `<i>${drawn}</i>`;
  return bold ? `<b>${drawn}</b>` : drawn;
}
