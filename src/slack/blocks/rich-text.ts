import type { RichTextBlock, RichTextBlockElement, RichTextElement, RichTextList } from '@slack/types';
import { splitText } from './paginate.js';

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

/** Deals a list's items out to as many blocks as their length asks for, in order. */
export function dealItems(items: RichTextElement[][]): RichTextElement[][][] {
  const parts: RichTextElement[][][] = [];
  let length = 0;
  for (const item of items) {
    const size = item.reduce(
      (sum, element) => sum + ('text' in element ? (element.text?.length ?? 0) : 0),
      0,
    );
    const last = parts.at(-1);
    if (last && length + size <= CHUNK) {
      last.push(item);
      length += size;
    } else {
      parts.push([item]);
      length = size;
    }
  }
  return parts;
}
