import type { KnownBlock } from '@slack/types';
import type { Person } from '../../../approval/person.js';
import { cut } from '../../../platform/cut.js';
import type { ResultReport } from '../../../run/message.js';
import type { Source } from '../../../run/plan.js';
import { blockList, context, line } from '../kit/blocks.js';
import { markdownBlocks, markdownParts } from '../kit/markdown/markdown.js';
import { MARKDOWN_LIMIT } from '../kit/markdown/parse-markdown.js';
import { paginate, TEXT_BUDGET, textLength } from '../kit/paginate.js';
import type { Attachment } from '../kit/payload.js';
import { linkWithDomain, list, paragraph, richText, verbatim } from '../kit/rich-text.js';
import { clip, code, count, durationText, factLine, mention, spentText } from '../kit/text.js';
import { refusedToolsText } from '../request/subject.js';

export interface Result {
  shortId: string;
  requester: Person;
  /** Markdown. */
  text: string;
  /** Data of the footer. */
  report?: ResultReport;
}

/** Limits for a result, in characters and in messages (one for each table). A longer result is cut, and the whole is attached. */
const LONG = { text: 2 * TEXT_BUDGET, messages: 4 } as const;

/** Limits for the shown beginning of a cut result: characters, and blocks. */
const BEGINNING = { text: 3_000, blocks: 30 } as const;

/** Limits for the sources: `most` are named; `room` and `title` are in characters. */
const SOURCES = { most: 20, room: 3_000, title: 150 } as const;

/** Distributes the result over as many messages as needed. */
export function resultPages(result: Result): KnownBlock[][] {
  return pagesWith(result, markdownBlocks(result.text));
}

/** Beginning of a long result, up to the end of a paragraph, and the whole as a file. Undefined for a short result. */
export function shortResult(result: Result): { blocks: KnownBlock[]; attachment: Attachment } | undefined {
  const { shortId, text } = result;
  const pages = resultPages(result);
  if (textLength(pages) <= LONG.text && pages.length <= LONG.messages) return undefined;
  const name = `result-${shortId.replaceAll(/[^a-zA-Z0-9-]/g, '')}.md`;
  const note = context(`This is the beginning. The whole result is above, in this thread: ${code(name)}`);
  const [blocks = []] = pagesWith(result, [...beginning(text), note]);
  return { blocks, attachment: { name, text } };
}

function beginning(markdown: string): KnownBlock[] {
  const parts = markdownParts(cut(markdown, MARKDOWN_LIMIT));
  const fits = (blocks: KnownBlock[]) =>
    textLength(blocks) <= BEGINNING.text && blocks.length <= BEGINNING.blocks;
  const over = parts.findIndex((_, at) => !fits(parts.slice(0, at + 1).flatMap(({ blocks }) => blocks)));
  const whole = over < 0 ? parts : parts.slice(0, over);
  const last = whole.findLastIndex(({ type }) => type !== 'heading' && type !== 'hr');
  if (last >= 0) return whole.slice(0, last + 1).flatMap(({ blocks }) => blocks);
  // The first paragraph alone is too long, so it is cut between its blocks.
  const blocks = parts.slice(0, over + 1).flatMap((part) => part.blocks);
  const shown = blocks.findIndex((_, at) => !fits(blocks.slice(0, at + 1)));
  return blocks.slice(0, Math.max(shown, 1));
}

function pagesWith({ requester, shortId, report }: Result, content: KnownBlock[]): KnownBlock[][] {
  const opening = line(`${mention(requester.user)}, run ${code(shortId)} is done.`);
  return paginate([opening, ...content, ...(report ? footer(report) : [])]);
}

function footer({ usage, tookMs, sources, refusedTools }: ResultReport): KnownBlock[] {
  const without = refusedTools ? [context(`:warning: ${refusedToolsText(refusedTools)}`)] : [];
  const cost = context(factLine(`Total: ${spentText(usage)}`, tookMs > 0 && durationText(tookMs)));
  return [...without, ...sourceBlocks(sources), cost];
}

function sourceBlocks(sources: Source[]): KnownBlock[] {
  const distinct = [...new Map(sources.map((source) => [source.url, source])).values()];
  let room: number = SOURCES.room;
  const shown = distinct.slice(0, SOURCES.most).flatMap(({ title, url }) => {
    const link = linkWithDomain(clip(title, SOURCES.title), url);
    if (textLength(link) > room) return [];
    room -= textLength(link);
    return [link];
  });
  if (shown.length === 0) return [];
  const hidden = distinct.length - shown.length;
  return blockList(
    richText(paragraph(verbatim('Sources', { bold: true })), list('bullet', shown)),
    hidden > 0 && context(count(hidden, 'more source')),
  );
}
