import type { RichTextElement } from '@slack/types';
import { linkWithDomain, verbatim } from '../rich-text.js';
import { decodeAddress, type MarkdownNode } from './parse-markdown.js';

type Style = { bold?: true; italic?: true; strike?: true; code?: true };

const STYLES: Partial<Record<string, Style>> = {
  strong: { bold: true },
  em: { italic: true },
  s: { strike: true },
  code_inline: { code: true },
};

/** Draws inline nodes as elements of rich text. */
export function inline(nodes: MarkdownNode[], style: Style = {}): RichTextElement[] {
  return nodes.flatMap((node): RichTextElement[] => {
    const { type, token, children } = node;
    switch (type) {
      case 'code_inline':
        return [verbatim(token.content, { ...style, code: true })];
      case 'softbreak':
      case 'hardbreak':
        return [verbatim('\n')];
      case 'link':
        return drawLink(node, { ...style, ...commonStyle(children) });
      case 'image':
        return drawLink(node, style);
      case 'hr':
        return [styled('———', style)];
      default:
        if (children.length > 0) return inline(children, { ...style, ...STYLES[type] });
        return token.content === '' ? [] : [styled(token.content.replace(DOUBLE_BOX, boxOf), style)];
    }
  });
}

/** Draws a link. Slack's own form of one, `<https://…|label>`, is read too. */
function drawLink({ token, children }: MarkdownNode, style: Style): RichTextElement[] {
  const whole = addressOf(token);
  if (token.info !== 'auto') return linkWithDomain(textOf(children), whole, style);
  const [address = whole, label = address] = whole.split(/\|(.*)/s);
  return linkWithDomain(label, address, style);
}

/** Draws several blocks of text, with a line for each. */
export function inlineLines(nodes: MarkdownNode[]): RichTextElement[] {
  return nodes.flatMap((node, at) => [
    ...(at > 0 ? [verbatim('\n')] : []),
    ...inline([node], node.type === 'heading' ? { bold: true } : {}),
  ]);
}

/** The text of inline nodes, without styles, and with the addresses of links. */
export function textOf(nodes: MarkdownNode[]): string {
  const text = ({ type, token, children }: MarkdownNode): string => {
    if (type === 'link') {
      const [label, address] = [textOf(children), addressOf(token)];
      return label === address ? label : `${label} (${address})`;
    }
    if (children.length > 0) return textOf(children);
    return type.endsWith('break') ? ' ' : token.content;
  };
  return nodes.map(text).join('');
}

function addressOf(token: MarkdownNode['token']): string {
  const address = String(token.attrGet('href') ?? token.attrGet('src') ?? '');
  return token.info === 'auto' ? decodeAddress(address) : address;
}

/** Draws the box of a task: `[ ]` and `[x]` at the start of a list item. */
export function checkbox([first, ...rest]: RichTextElement[]): RichTextElement[] {
  if (first?.type !== 'text') return first ? [first, ...rest] : [];
  const text = first.text.replace(BOX, boxOf);
  return [{ ...first, text }, ...rest];
}

/** A task's box, which may stand there twice. */
const BOX = /^\[([ xX])\](?: \[\1\])?(?=\s|$)\s?/;
/** A task's box beside one that is drawn already. */
const DOUBLE_BOX = /^(?:[☐☑☒]\s*\[([ xX])\]|\[([ xX])\]\s*[☐☑☒])(?=\s|$)\s?/;

function boxOf(_: string, first?: string, second?: string): string {
  return (first ?? second) === ' ' ? '☐ ' : '☑ ';
}

/** The style of a whole label: of its only node. */
function commonStyle(children: MarkdownNode[]): Style {
  const [only, ...others] = children.filter(({ type, token }) => type !== 'text' || token.content !== '');
  if (!only || others.length > 0) return {};
  return { ...STYLES[only.type], ...commonStyle(only.children) };
}

function styled(text: string, style: Style): RichTextElement {
  return verbatim(text, Object.keys(style).length > 0 ? style : undefined);
}
