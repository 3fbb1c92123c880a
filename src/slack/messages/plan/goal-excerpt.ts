import { clip } from '../../../platform/cut.js';

/** Limits for a goal on a card. A longer one stands whole in the thread, so that the buttons stay near the plan. */
const SHOWN = { characters: 300, lines: 5 } as const;

/** Beginning of a goal, as a card shows it. */
export function goalExcerpt(goal: string): { shown: string; isCut: boolean } {
  const lines = goal.split('\n');
  const head = lines.slice(0, SHOWN.lines).join('\n');
  const shown = clip(head, SHOWN.characters);
  const isCut = lines.length > SHOWN.lines || shown !== head;
  return { shown: isCut && shown === head ? `${head} …` : shown, isCut };
}
