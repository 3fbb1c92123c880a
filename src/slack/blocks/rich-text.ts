import type { RichTextBlock, RichTextBlockElement, RichTextElement, RichTextList } from '@slack/types';

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
