import type { RichTextBlock, RichTextBlockElement, RichTextElement } from '@slack/types';
import { groupBySize } from '../paginate.js';
import {
  CHUNK,
  list,
  type NumberedList,
  paragraph,
  preformattedElements,
  quote,
  richText,
  splitElements,
  verbatim,
} from '../rich-text.js';
import { checkbox, inlineLines } from './markdown-inline.js';
import { tableText } from './markdown-table.js';
import type { MarkdownNode } from './parse-markdown.js';

/** Where a block stands: the indent of its list, and if it is in a quotation. */
interface Place {
  indent: number;
  isQuoted: boolean;
}

/** Deepest indent of a list, and elements of a block. Source: Slack's reference for rich text. */
const MOST = { indent: 8, elements: 100 } as const;
const TEXTS = new Set(['paragraph', 'heading', 'hr']);

/** Draws a list or a quotation, in as many blocks as needed. */
export function nestedBlocks(node: MarkdownNode): RichTextBlock[] {
  const elements = flow([node], { indent: 0, isQuoted: false });
  const groups = groupBySize(elements, CHUNK, (_, group) => group.length < MOST.elements);
  return groups.map((group) => richText(...joinLists(group)));
}

/**
 * Draws blocks in their order. Slack nests nothing but lists in lists, so code, a quotation or a table in an item ends the list, which goes
 * on below. In a quotation, code and lists have its border.
 */
function flow(nodes: MarkdownNode[], place: Place): RichTextBlockElement[] {
  const texts: MarkdownNode[] = [];
  const drawn = nodes.flatMap((node) => {
    if (!TEXTS.has(node.type))
      return [...paragraphs(inlineLines(texts.splice(0)), place), ...nested(node, place)];
    texts.push(node);
    return [];
  });
  return [...drawn, ...paragraphs(inlineLines(texts), place)];
}

function nested(node: MarkdownNode, place: Place): RichTextBlockElement[] {
  switch (node.type) {
    case 'bullet_list':
    case 'ordered_list':
      return listItems(node, place);
    case 'blockquote':
      return flow(node.children, { ...place, isQuoted: true });
    case 'table':
      return preformattedElements(tableText(node), place);
    default:
      return codeElements(node, place);
  }
}

/** Draws code, under its title where it has one besides the language. */
export function codeElements({ token }: MarkdownNode, place?: Place): RichTextBlockElement[] {
  const title = token.info.trim();
  const isLanguage = /^[\w+#-]*$/.test(title);
  return [
    ...(isLanguage ? [] : paragraphs([verbatim(title, { code: true })], place)),
    ...preformattedElements(token.content.replace(/\n$/, ''), place),
  ];
}

/** Draws each item as a list of its own, followed by what is nested in it. */
function listItems({ type, token, children: items }: MarkdownNode, place: Place): RichTextBlockElement[] {
  const start = Number(token.attrGet('start') ?? 1);
  // Slack's numbers begin at 1.
  const style = type === 'ordered_list' && start > 0 ? 'ordered' : 'bullet';
  const inner = { ...place, indent: Math.min(place.indent + 1, MOST.indent) };
  return items.flatMap(({ children }, at) => {
    const end = children.findIndex((node) => !TEXTS.has(node.type));
    const texts = children.slice(0, end < 0 ? undefined : end);
    const number = type === 'ordered_list' && style === 'bullet' ? [verbatim(`${start + at}. `)] : [];
    const [first = [verbatim(' ')], ...rest] = splitElements([...number, ...checkbox(inlineLines(texts))]);
    const offset = style === 'ordered' ? start - 1 + at : 0;
    return [
      {
        ...list(style, [first], { offset, indent: place.indent }),
        ...(place.isQuoted && { border: 1 as const }),
      },
      ...rest.flatMap((part) => paragraphs(part, place)),
      ...flow(children.slice(texts.length), inner),
    ];
  });
}

function paragraphs(elements: RichTextElement[], place?: Place): RichTextBlockElement[] {
  const draw = place?.isQuoted ? quote : paragraph;
  return splitElements(elements).map((part) => draw(...part));
}

/** Joins the items that follow each other in one list. */
function joinLists(elements: RichTextBlockElement[]): RichTextBlockElement[] {
  const joined: RichTextBlockElement[] = [];
  for (const element of elements) {
    const last = joined.at(-1);
    if (last?.type === 'rich_text_list' && element.type === 'rich_text_list' && goesOn(last, element))
      joined[joined.length - 1] = { ...last, elements: [...last.elements, ...element.elements] };
    else joined.push(element);
  }
  return joined;
}

/** True if the second list has the next item of the first. */
function goesOn(one: NumberedList, other: NumberedList): boolean {
  const isNext = one.style === 'bullet' || (one.offset ?? 0) + one.elements.length === (other.offset ?? 0);
  return isNext && one.style === other.style && one.indent === other.indent && one.border === other.border;
}
