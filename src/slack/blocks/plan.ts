import type { KnownBlock, RichTextElement } from '@slack/types';
import type { Plan, PlanStep } from '../../core/plan.js';
import { splitText } from './paginate.js';
import { list, paragraph, quote, richText } from './rich-text.js';
import { honestLink, verbatim } from './text.js';

/** The most text in one block, in characters; longer parts go on in the next block. */
const CHUNK = 2_500;

/** The goal, in full. */
export function goalBlocks(goal: string): KnownBlock[] {
  return splitText(goal, CHUNK).map((part) => richText(quote(verbatim(part))));
}

/** The whole plan: what isn't shown can't be approved. */
export function planBlocks(plan: Plan): KnownBlock[] {
  return [
    ...splitText(plan.summary, CHUNK)
      .filter((part) => part.trim() !== '')
      .map((part) => richText(paragraph(verbatim(part)))),
    ...titled('Steps', listBlocks('ordered', plan.steps.flatMap(stepItems))),
    ...titled('Risks', listBlocks('bullet', plan.risks.flatMap(textItems))),
    ...titled(
      'Sources',
      listBlocks(
        'bullet',
        plan.sources.map((source) => honestLink(source.title, source.url)),
      ),
    ),
  ];
}

function titled(title: string, blocks: KnownBlock[]): KnownBlock[] {
  return blocks.length === 0 ? [] : [richText(paragraph(verbatim(title, { bold: true }))), ...blocks];
}

function stepItems(step: PlanStep): RichTextElement[][] {
  const title = verbatim(step.title, { bold: true });
  const [first = '', ...rest] = splitText(step.detail, CHUNK);
  const item = first.trim() === '' ? [title] : [title, verbatim(` — ${first}`)];
  return [item, ...rest.map((part) => [verbatim(part)])];
}

function textItems(text: string): RichTextElement[][] {
  return splitText(text, CHUNK).map((part) => [verbatim(part)]);
}

/** A list in as many blocks as its length asks for; an ordered one goes on counting. */
function listBlocks(style: 'ordered' | 'bullet', items: RichTextElement[][]): KnownBlock[] {
  const blocks: KnownBlock[] = [];
  let chunk: RichTextElement[][] = [];
  let length = 0;
  let offset = 0;
  const flush = () => {
    if (chunk.length === 0) return;
    blocks.push(richText(list(style, chunk, { offset })));
    offset += chunk.length;
    chunk = [];
    length = 0;
  };
  for (const item of items) {
    const size = item.reduce(
      (sum, element) => sum + ('text' in element ? (element.text?.length ?? 0) : 0),
      0,
    );
    if (length + size > CHUNK) flush();
    chunk.push(item);
    length += size;
  }
  flush();
  return blocks;
}
