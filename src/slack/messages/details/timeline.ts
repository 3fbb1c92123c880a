import type { KnownBlock } from '@slack/types';
import { context, line } from '../kit/blocks.js';
import { LIMITS } from '../kit/limits.js';
import { markdownBlocks } from '../kit/markdown/markdown.js';
import { quoteBlock } from '../kit/rich-text.js';
import { clip, moment } from '../kit/text.js';

/** Limit for a quotation, in characters. */
const QUOTE = 2_000;

/** A line of Details, in mrkdwn. `quote`: words of a person or a tool, as they are. `markdown`: words of the model. */
export interface TimedLine {
  /** ISO 8601. */
  at: string;
  text: string;
  quote?: string;
  markdown?: string;
}

/** Draws lines under their times, each minute once. Lines without a quotation between them share a block. */
export function timeline(lines: TimedLine[]): KnownBlock[] {
  const blocks: KnownBlock[] = [];
  let minute = '';
  let texts: string[] = [];
  const flush = () => {
    if (texts.length > 0) blocks.push(line(texts.join('\n')));
    texts = [];
  };
  for (const { at, text, quote = '', markdown = '' } of lines) {
    if (minuteOf(at) !== minute) {
      flush();
      minute = minuteOf(at);
      blocks.push(context(moment(at)));
    }
    // A line is cut to Slack's limit, so that one long entry can't hide the others.
    const shown = clip(text, LIMITS.sectionText);
    if ([...texts, shown].join('\n').length > LIMITS.sectionText) flush();
    texts.push(shown);
    const quoted = [
      ...(quote.trim() === '' ? [] : [quoteBlock(clip(quote, QUOTE))]),
      ...(markdown.trim() === '' ? [] : quotedMarkdown(clip(markdown, QUOTE))),
    ];
    if (quoted.length > 0) flush();
    blocks.push(...quoted);
  }
  flush();
  return blocks;
}

function minuteOf(at: string): string {
  return at.slice(0, 'yyyy-mm-ddThh:mm'.length);
}

/** Markdown as a quotation, in which a table is text: a view takes no table. */
function quotedMarkdown(text: string): KnownBlock[] {
  return markdownBlocks(text.replaceAll(/^/gm, '> '));
}
