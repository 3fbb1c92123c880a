import type { KnownBlock, RichTextElement } from '@slack/types';
import type { Plan, PlanStep } from '../../core/plan.js';
import { splitText } from './paginate.js';
import { CHUNK, dealItems, list, paragraph, quote, richText } from './rich-text.js';
import { honestLink, verbatim } from './text.js';

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
  let offset = 0;
  return dealItems(items).map((part) => {
    const block = richText(list(style, part, { offset }));
    offset += part.length;
    return block;
  });
}
