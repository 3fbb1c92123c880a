import type {
  KnownBlock,
  RichTextBlock,
  RichTextBlockElement,
  RichTextElement,
  RichTextList,
} from '@slack/types';
import { groupBySize, splitText } from './paginate.js';
import { verbatim } from './text.js';

/** The most text in one block, in characters; longer parts go on in the next block. */
export const CHUNK = 2_500;

/** A block of rich text; Slack refuses an empty one, so ask for it only with content. */
export function richText(...elements: RichTextBlockElement[]): RichTextBlock {
  return { type: 'rich_text', elements };
}

export function paragraph(...elements: RichTextElement[]): RichTextBlockElement {
  return { type: 'rich_text_section', elements };
}

export function quote(...elements: RichTextElement[]): RichTextBlockElement {
  return { type: 'rich_text_quote', elements };
}

/** Text of others as a quotation. */
export function quoteBlock(text: string): RichTextBlock {
  return richText(quote(verbatim(text)));
}

/** Text as it is, in fixed width, in as many blocks as its length asks for. */
export function preformatted(text: string): RichTextBlock[] {
  return splitText(text, CHUNK).map((part) =>
    richText({
      type: 'rich_text_preformatted',
      elements: [{ type: 'text', text: part === '' ? ' ' : part }],
    }),
  );
}

/** One list; `offset` is how many items came before it in an earlier block. */
export function list(
  style: 'ordered' | 'bullet',
  items: RichTextElement[][],
  options: { offset?: number; indent?: number } = {},
): RichTextList {
  return {
    type: 'rich_text_list',
    style,
    indent: options.indent ?? 0,
    ...(options.offset && { offset: options.offset }),
    elements: items.map((elements) => ({ type: 'rich_text_section', elements })),
  };
}

/** A list in as many blocks as its length asks for; an ordered list goes on counting. A long item goes on below its block. */
export function listBlocks(style: 'ordered' | 'bullet', items: RichTextElement[][]): RichTextBlock[] {
  let offset = 0;
  return groupBySize(items.map(splitElements), CHUNK).flatMap((group) => {
    const firsts = group.map(([first = []]) => first);
    const rest = group.flatMap((parts) => parts.slice(1));
    const block = richText(list(style, firsts, { offset }));
    offset += group.length;
    return [block, ...rest.map((part) => richText(paragraph(...part)))];
  });
}

/** Blocks under a bold line; nothing without any. */
export function titledBlocks(title: string, blocks: KnownBlock[]): KnownBlock[] {
  return blocks.length === 0 ? [] : [richText(paragraph(verbatim(title, { bold: true }))), ...blocks];
}

/** Splits inline elements into parts of at most `CHUNK` characters. */
export function splitElements(elements: RichTextElement[]): RichTextElement[][] {
  const short = elements.flatMap((element) =>
    element.type === 'text' && element.text.length > CHUNK
      ? splitText(element.text, CHUNK).map((text) => ({ ...element, text: text === '' ? ' ' : text }))
      : [element],
  );
  return groupBySize(short, CHUNK);
}
