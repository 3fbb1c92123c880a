/** A piece of mrkdwn. */
export type Inline =
  | { type: 'text' | 'code'; text: string }
  | { type: 'bold' | 'italic' | 'strike'; children: Inline[] }
  | { type: 'link'; url: string; label: string }
  | { type: 'user' | 'channel' | 'group'; id: string; label: string }
  | { type: 'broadcast'; name: string }
  | { type: 'date'; seconds: number; format: string; fallback: string }
  | { type: 'emoji'; name: string };

export type Paragraph =
  | { type: 'text' | 'quote' | 'bullet'; lines: Inline[][] }
  | { type: 'pre'; text: string };

const STYLES = { '*': 'bold', _: 'italic', '~': 'strike' } as const;
const INLINE =
  /`([^`\n]+)`|<([^<>\n]+)>|:([a-z0-9_+-]+):|(?<![\w*_~])([*_~])(?=\S)([^\n]{0,1000}?\S)\4(?![\w])/g;

/** Bare addresses, and names of channels, that Slack makes links of unless a text is `verbatim`. Source: `MrkdwnElement` in @slack/types. */
const BARE = /(?<![<|\w])https?:\/\/[^\s<>|]+[^\s<>|.,:;!?)\]]|(?<![\w<&#])#[\p{L}\p{N}_-]+/gu;

/** Puts links into angle brackets, as Slack does with mrkdwn that isn't `verbatim`. Code stays as it is. `channelId` finds a channel by its name. */
export function linkBare(text: string, channelId: (name: string) => string | undefined): string {
  const link = (bare: string) => {
    if (!bare.startsWith('#')) return `<${bare}>`;
    const id = channelId(bare.slice(1));
    return id === undefined ? bare : `<#${id}>`;
  };
  const parts = text.split(/(```[\s\S]*?```|`[^`\n]+`|<[^<>\n]+>)/);
  return parts.map((part, at) => (at % 2 === 1 ? part : part.replaceAll(BARE, link))).join('');
}

/** Parses Slack's mrkdwn. Unknown markup stays text. Source: Slack's "Formatting message text". */
export function parseMrkdwn(text: string): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  for (const [index, part] of text.split('```').entries()) {
    if (index % 2 === 1) {
      paragraphs.push({ type: 'pre', text: unescapeText(part.replace(/^\n|\n$/g, '')) });
      continue;
    }
    if (part.trim() === '') continue;
    for (const line of part.replace(/^\n|\n$/g, '').split('\n')) {
      const quoted = /^(?:>|&gt;) ?(.*)$/.exec(line);
      const bullet = quoted ? null : /^[•◦] (.*)$/.exec(line);
      const type = quoted ? 'quote' : bullet ? 'bullet' : 'text';
      const content = parseInline((quoted ?? bullet)?.[1] ?? line);
      const last = paragraphs.at(-1);
      if (last?.type === type) last.lines.push(content);
      else paragraphs.push({ type, lines: [content] });
    }
  }
  return paragraphs;
}

function parseInline(text: string): Inline[] {
  const nodes: Inline[] = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > at) nodes.push({ type: 'text', text: unescapeText(text.slice(at, match.index)) });
    nodes.push(nodeOf(match));
    at = match.index + match[0].length;
  }
  if (at < text.length) nodes.push({ type: 'text', text: unescapeText(text.slice(at)) });
  return nodes;
}

function nodeOf([, code, angle, emoji, mark, styled]: RegExpMatchArray): Inline {
  if (code !== undefined) return { type: 'code', text: unescapeText(code) };
  if (angle !== undefined) return angled(angle);
  if (emoji !== undefined) return { type: 'emoji', name: emoji };
  return { type: STYLES[mark as keyof typeof STYLES], children: parseInline(styled ?? '') };
}

function angled(content: string): Inline {
  const [target = '', label = ''] = content.split(/\|(.*)/s);
  if (target.startsWith('@')) return { type: 'user', id: target.slice(1), label };
  if (target.startsWith('#')) return { type: 'channel', id: target.slice(1), label };
  if (target.startsWith('!subteam^')) return { type: 'group', id: target.slice(9), label };
  const date = /^!date\^(\d+)\^([^^]+)/.exec(target);
  if (date) return { type: 'date', seconds: Number(date[1]), format: date[2] ?? '', fallback: label };
  if (target.startsWith('!')) return { type: 'broadcast', name: target.slice(1) };
  return { type: 'link', url: unescapeText(target), label: unescapeText(label || target) };
}

function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
