import type { KnownBlock } from '@slack/types';
import type { Plan } from '../../../run/plan.js';
import { linkWithDomain, listBlocks, paragraphBlocks, titledBlocks, verbatim } from '../kit/rich-text.js';

/** The whole plan: nobody can approve a part that isn't shown. */
export function planBlocks({ summary, steps, risks, sources }: Plan): KnownBlock[] {
  const stepItems = steps.map(({ title, detail }) => {
    const bold = verbatim(title, { bold: true });
    return detail.trim() === '' ? [bold] : [bold, verbatim(` — ${detail}`)];
  });
  const riskItems = risks.map((risk) => [verbatim(risk)]);
  const links = sources.map(({ title, url }) => linkWithDomain(title, url));
  return [
    ...(summary.trim() === '' ? [] : paragraphBlocks([verbatim(summary)])),
    ...titledBlocks('Steps', listBlocks('ordered', stepItems)),
    ...titledBlocks('Risks', listBlocks('bullet', riskItems)),
    ...titledBlocks('Sources', listBlocks('bullet', links)),
  ];
}
