import MarkdownIt, { type Token } from 'markdown-it';
import friendlyToCjk from 'markdown-it-cjk-friendly';
import { trimLink } from './bare-links.js';
import { lineBreak } from './line-breaks.js';
import { keepCells } from './table-cells.js';

/** Limit for parsed Markdown, in characters. The parser needs a quarter of a second for the worst text of this length. */
export const MARKDOWN_LIMIT = 30_000;

/** Limit for nested quotations and lists. The parser leaves out what lies deeper. */
const NESTING = 30;

// CommonMark doesn't end bold text at Chinese and Japanese punctuation.
const parser = new MarkdownIt({ linkify: true, maxNesting: NESTING }).use(friendlyToCjk).disable('reference');
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
const matchAtStart = parser.linkify.matchAtStart.bind(parser.linkify);
parser.linkify.matchAtStart = (text) => trimLink(matchAtStart(text));
parser.core.ruler.after('block', 'cells', keepCells);
parser.inline.ruler.before('html_inline', 'br', lineBreak);
// `linkWithDomain` decides which addresses become links, and shows the others.
parser.validateLink = () => true;
parser.normalizeLink = (url) => url;
parser.normalizeLinkText = (url) => url;

/** A token with what it encloses. `type` is the parser's, without `_open`. */
export interface MarkdownNode {
  type: string;
  token: Token;
  children: MarkdownNode[];
}

/** Parses Markdown in bounded time and depth. Undefined for a text that is too long, or nested too deep. */
export function parseMarkdown(markdown: string): MarkdownNode[] | undefined {
  if (markdown.length > MARKDOWN_LIMIT) return undefined;
  const tokens = parser.parse(markdown, {});
  const isCut = tokens.some(({ nesting, level }) => nesting === 1 && level >= NESTING - 1);
  return isCut ? undefined : nest(tokens);
}

/** Decodes entities and escapes, which the parser leaves in a bare address. */
export function decodeAddress(address: string): string {
  return parser.utils.unescapeAll(address);
}

function nest(tokens: readonly Token[]): MarkdownNode[] {
  const root: MarkdownNode[] = [];
  const open = [root];
  for (const token of tokens) {
    if (token.nesting === -1) {
      open.pop();
      continue;
    }
    const children = token.children ? nest(token.children) : [];
    const node = { type: token.type.replace(/_open$/, ''), token, children };
    open.at(-1)?.push(node);
    if (token.nesting === 1) open.push(node.children);
  }
  return root;
}
