import type { KnownBlock, RichTextElement } from '@slack/types';
import type { Plan, PlanStep } from '../../../run/plan.js';
import { splitText } from '../kit/paginate.js';
import { CHUNK, listBlocks, paragraph, quote, richText, titled } from '../kit/rich-text.js';
import { honestLink, verbatim } from '../kit/text.js';

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
    ...titled('Steps', listBlocks('ordered', plan.steps.map(stepItem))),
    ...titled(
      'Risks',
      listBlocks(
        'bullet',
        plan.risks.map((risk) => [verbatim(risk)]),
      ),
    ),
    ...titled(
      'Sources',
      listBlocks(
        'bullet',
        plan.sources.map((source) => honestLink(source.title, source.url)),
      ),
    ),
  ];
}

/** A step's title, bold, then its detail. */
function stepItem({ title, detail }: PlanStep): RichTextElement[] {
  const bold = verbatim(title, { bold: true });
  return detail.trim() === '' ? [bold] : [bold, verbatim(` — ${detail}`)];
}
