import type { KnownBlock } from '@slack/types';
import { LIMITS } from './limits.js';

/** Room that a message's other blocks (a card's outcome, with the notes in it) keep free under Slack's limit, in characters. */
export const TEXT_BUDGET = LIMITS.messageBlocksText - 5_000;
const BLOCK_BUDGET = LIMITS.messageBlocks - 8;

/** Splits text at line ends, else at spaces, else anywhere, into pieces of at most `limit` characters. Nothing is dropped but the break itself. */
export function splitText(text: string, limit: number): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > limit) {
    const window = rest.slice(0, limit);
    const line = window.lastIndexOf('\n');
    const space = window.lastIndexOf(' ');
    let cut = line > limit / 2 ? line : space > limit / 2 ? space : limit;
    if (cut === limit && /[\uD800-\uDBFF]$/.test(window)) cut -= 1;
    pieces.push(rest.slice(0, cut));
    rest = rest.slice(/\s/.test(rest[cut] ?? '') ? cut + 1 : cut);
  }
  return [...pieces, rest];
}

/** The text in a block, all of it together, in characters: what Slack counts against a message's limit. */
export function textLength(block: unknown): number {
  if (Array.isArray(block)) return block.reduce((sum: number, part) => sum + textLength(part), 0);
  if (typeof block !== 'object' || block === null) return 0;
  return Object.entries(block).reduce(
    (sum, [key, value]) =>
      sum +
      (typeof value === 'string' ? (key === 'text' || key === 'url' ? value.length : 0) : textLength(value)),
    0,
  );
}

/** Deals blocks out to as many messages as Slack's limits ask for, in order. A message takes one table. */
export function paginate(blocks: KnownBlock[]): KnownBlock[][] {
  const pages: KnownBlock[][] = [];
  let page: KnownBlock[] = [];
  let length = 0;
  for (const block of blocks) {
    const size = textLength(block);
    const full = page.length >= BLOCK_BUDGET || length + size > TEXT_BUDGET;
    const second = block.type === 'table' && page.some(({ type }) => type === 'table');
    if (page.length > 0 && (full || second)) {
      pages.push(page);
      page = [];
      length = 0;
    }
    page.push(block);
    length += size;
  }
  return page.length > 0 ? [...pages, page] : pages;
}
