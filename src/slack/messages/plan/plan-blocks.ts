import type { KnownBlock, RichTextElement } from '@slack/types';
import type { PlanStep } from '../../../approval/decision.js';
import type { Plan } from '../../../run/plan.js';
import { splitText } from '../kit/paginate.js';
import { CHUNK, listBlocks, paragraph, quoteBlock, richText, titledBlocks } from '../kit/rich-text.js';
import { linkWithDomain, verbatim } from '../kit/text.js';

/** The goal, in full. */
export function goalBlocks(goal: string): KnownBlock[] {
  return splitText(goal, CHUNK).map(quoteBlock);
}

/** The whole plan: nobody can approve a part that isn't shown. */
export function planBlocks({ summary, steps, risks, sources }: Plan): KnownBlock[] {
  const links = sources.map(({ title, url }) => linkWithDomain(title, url));
  return [
    ...splitText(summary, CHUNK)
      .filter((part) => part.trim() !== '')
      .map((part) => richText(paragraph(verbatim(part)))),
    ...titledBlocks('Steps', listBlocks('ordered', steps.map(stepElements))),
    ...titledBlocks(
      'Risks',
      listBlocks(
        'bullet',
        risks.map((risk) => [verbatim(risk)]),
      ),
    ),
    ...titledBlocks('Sources', listBlocks('bullet', links)),
  ];
}

/** A step's title, bold, then its detail. */
function stepElements({ title, detail }: PlanStep): RichTextElement[] {
  const bold = verbatim(title, { bold: true });
  return detail.trim() === '' ? [bold] : [bold, verbatim(` — ${detail}`)];
}
