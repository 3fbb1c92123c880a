import type {
  KnownBlock,
  RichTextBlock,
  RichTextBlockElement,
  RichTextElement,
  RichTextList,
} from '@slack/types';
import { groupBySize, splitText } from './paginate.js';

/** Limit for the text in one block, in characters. Longer text continues in the next block. */
export const CHUNK = 2_500;

type TextStyle = { bold?: boolean; italic?: boolean; strike?: boolean; code?: boolean };

/** A list. Slack has the number of its items in earlier blocks, but its types don't. */
export type NumberedList = RichTextList & { offset?: number };

/** Text that Slack shows unchanged: in rich text nothing is parsed, so it can't mention, link or format. */
export function verbatim(text: string, style?: TextStyle): RichTextElement {
  return { type: 'text', text: text || ' ', ...(style && { style }) };
}

/** Host of an http(s) address without `www.`; undefined for any other address. */
function domainOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? hostname.replace(/^www\./, '') : undefined;
}

/** Limits for a link, in characters. A longer link becomes text, which can be split between blocks. */
const LINK_LENGTH = { url: 1_500, text: 500 } as const;

/** A link, followed by its domain. An address other than http(s) becomes text. */
export function linkWithDomain(text: string, url: string, style: TextStyle = {}): RichTextElement[] {
  const own = Object.keys(style).length > 0 ? { style } : {};
  const domain = domainOf(url);
  if (!domain || url.length > LINK_LENGTH.url) return [verbatim(`${text} (${url})`, own.style)];
  const label = text.trim() === '' ? domain : text;
  if (label.length > LINK_LENGTH.text)
    return [verbatim(`${label} `, own.style), { type: 'link', url, text: domain }];
  const link: RichTextElement = { type: 'link', url, text: label, ...own };
  return label.includes(domain) ? [link] : [link, verbatim(` (${domain})`)];
}

/** A block of rich text. Slack refuses an empty one. */
export function richText(...elements: RichTextBlockElement[]): RichTextBlock {
  return { type: 'rich_text', elements };
}

export function paragraph(...elements: RichTextElement[]): RichTextBlockElement {
  return { type: 'rich_text_section', elements };
}

export function quote(...elements: RichTextElement[]): RichTextBlockElement {
  return { type: 'rich_text_quote', elements };
}

/** A list; `offset` is the number of its items in earlier blocks. */
export function list(
  style: 'ordered' | 'bullet',
  items: RichTextElement[][],
  { offset = 0, indent = 0 }: { offset?: number; indent?: number } = {},
): NumberedList {
  return {
    ...{ type: 'rich_text_list', style, indent },
    ...(offset > 0 && { offset }),
    elements: items.map((elements) => ({ type: 'rich_text_section', elements })),
  };
}

/** Quotes other people's text. */
export function quoteBlock(text: string): RichTextBlock {
  return richText(quote(verbatim(text)));
}

/** A quotation, in as many blocks as needed. */
export function quoteBlocks(text: string): RichTextBlock[] {
  return splitText(text, CHUNK).map(quoteBlock);
}

/** Paragraphs of inline elements, in as many blocks as needed. */
export function paragraphBlocks(elements: RichTextElement[]): RichTextBlock[] {
  return splitElements(elements).map((part) => richText(paragraph(...part)));
}

/** Text in fixed width, in as many blocks as needed. */
export function preformatted(text: string): RichTextBlock[] {
  return preformattedElements(text).map((element) => richText(element));
}

/** Text in fixed width, in pieces that fit into a block each. In a quotation it has the border of one. */
export function preformattedElements(
  text: string,
  { isQuoted = false }: { isQuoted?: boolean } = {},
): RichTextBlockElement[] {
  return splitText(text, CHUNK).map((part) => ({
    type: 'rich_text_preformatted',
    elements: [{ type: 'text', text: part || ' ' }],
    ...(isQuoted && { border: 1 }),
  }));
}

/** A list, in as many blocks as needed. Numbering continues across blocks; a long item continues below its block. */
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

/** Blocks under a bold title; empty without blocks. */
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
