import type { KnownBlock } from '@slack/types';
import { cut } from '../../../platform/cut.js';
import { LIMITS } from './limits.js';

/** Limits for the text and blocks that may be paginated. The rest is for a message's other blocks, such as a card's outcome with its notes. */
export const TEXT_BUDGET = LIMITS.messageBlocksText - 5_000;
const BLOCK_BUDGET = LIMITS.messageBlocks - 8;

/** Splits text into pieces of at most `limit` characters: at line ends, else at spaces, else anywhere. Only the line end or space is dropped. */
export function splitText(text: string, limit: number): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > limit) {
    const window = cut(rest, limit);
    const line = window.lastIndexOf('\n');
    const space = window.lastIndexOf(' ');
    const end = line > limit / 2 ? line : space > limit / 2 ? space : window.length;
    pieces.push(rest.slice(0, end));
    rest = rest.slice(/\s/.test(rest[end] ?? '') ? end + 1 : end);
  }
  return [...pieces, rest];
}

/** Length of all text in a block, as Slack counts it for a message's limit: in characters, or by `lengthOf`. */
export function textLength(block: unknown, lengthOf = (text: string) => text.length): number {
  if (typeof block !== 'object' || block === null) return 0;
  return Object.entries(block).reduce((sum, [key, value]) => {
    if (typeof value !== 'string') return sum + textLength(value, lengthOf);
    return key === 'text' || key === 'url' ? sum + lengthOf(value) : sum;
  }, 0);
}

/** Groups items in order. A group takes up to `limit` characters, and only items that `fits` accepts. A longer item has a group of its own. */
export function groupBySize<T>(
  items: T[],
  limit: number,
  fits: (item: T, group: T[]) => boolean = () => true,
): T[][] {
  const groups: T[][] = [];
  let length = 0;
  for (const item of items) {
    const size = textLength(item);
    const group = groups.at(-1);
    if (group && length + size <= limit && fits(item, group)) {
      group.push(item);
      length += size;
    } else {
      groups.push([item]);
      length = size;
    }
  }
  return groups;
}

/** Distributes blocks over messages within Slack's limits, in order. A message takes one table. */
export function paginate(blocks: KnownBlock[]): KnownBlock[][] {
  const isTable = ({ type }: KnownBlock) => type === 'table';
  return groupBySize(
    blocks,
    TEXT_BUDGET,
    (block, page) => page.length < BLOCK_BUDGET && !(isTable(block) && page.some(isTable)),
  );
}
