import type { KnownBlock } from '@slack/types';
import type { Decision } from '../../../approval/decision.js';
import { context } from '../kit/blocks.js';
import { quoteBlocks } from '../kit/rich-text.js';
import { clip } from '../kit/text.js';
import { argumentsText } from '../request/call-fields.js';

/** Limit for the text, in characters: a message takes little more. An edit of a long plan can exceed it. */
const SHOWN = 9_000;

/** Gives a person the text back that they typed for a refused decision; empty without one. */
export function typedBlocks({
  note,
  steps = [],
  input,
}: Pick<Decision, 'note' | 'steps' | 'input'>): KnownBlock[] {
  const plan = steps.map(({ title, detail }) => [title, detail].filter(Boolean).join('\n')).join('\n\n');
  const values = input ? argumentsText(input) : '';
  const text = [note, plan, values].filter((part) => part.trim() !== '').join('\n\n');
  return text === '' ? [] : [context('You wrote:'), ...quoteBlocks(clip(text, SHOWN))];
}
