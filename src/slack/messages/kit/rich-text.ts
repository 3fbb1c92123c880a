import type {
  KnownBlock,
  RichTextBlock,
  RichTextBlockElement,
  RichTextElement,
  RichTextList,
} from '@slack/types';
import { groupBySize, splitText } from './paginate.js';

/** The most text in one block, in characters; longer parts go on in the next block. */
const CHUNK = 2_500;

/** Text that Slack shows as it is: in rich text nothing is parsed, so nothing in it can mention, link or format. */
export function verbatim(
  text: string,
  style?: { bold?: boolean; italic?: boolean; strike?: boolean; code?: boolean },
): RichTextElement {
  return { type: 'text', text: text || ' ', ...(style && { style }) };
}

/** The host of an http(s) address without `www.`, or undefined where it isn't one. */
function domainOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? hostname.replace(/^www\./, '') : undefined;
}

/** A longer link stays text, which can be split between blocks; in characters. */
const LINK_LENGTH = { url: 1_500, text: 500 } as const;

/** A link with the domain that it leads to behind its text. Anything but http(s) stays text. */
export function linkWithDomain(text: string, url: string): RichTextElement[] {
  const domain = domainOf(url);
  if (!domain || url.length > LINK_LENGTH.url) return [verbatim(`${text} (${url})`)];
  const label = text.trim() === '' ? domain : text;
  if (label.length > LINK_LENGTH.text) return [verbatim(`${label} `), { type: 'link', url, text: domain }];
  const link: RichTextElement = { type: 'link', url, text: label };
  return label.includes(domain) ? [link] : [link, verbatim(` (${domain})`)];
}

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
  { offset = 0, indent = 0 }: { offset?: number; indent?: number } = {},
): RichTextList {
  return {
    ...{ type: 'rich_text_list', style, indent },
    ...(offset > 0 && { offset }),
    elements: items.map((elements) => ({ type: 'rich_text_section', elements })),
  };
}

/** Text of others as a quotation. */
export function quoteBlock(text: string): RichTextBlock {
  return richText(quote(verbatim(text)));
}

/** A quotation in as many blocks as its length asks for. */
export function quoteBlocks(text: string): RichTextBlock[] {
  return splitText(text, CHUNK).map(quoteBlock);
}

/** Paragraphs of inline elements, in as many blocks as their length asks for. */
export function paragraphBlocks(elements: RichTextElement[]): RichTextBlock[] {
  return splitElements(elements).map((part) => richText(paragraph(...part)));
}

/** Text as it is, in fixed width, in as many blocks as its length asks for. */
export function preformatted(text: string): RichTextBlock[] {
  return splitText(text, CHUNK).map((part) =>
    richText({ type: 'rich_text_preformatted', elements: [{ type: 'text', text: part || ' ' }] }),
  );
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
      ? splitText(element.text, CHUNK).map((text) => ({ ...element, text: text || ' ' }))
      : [element],
  );
  return groupBySize(short, CHUNK);
}
