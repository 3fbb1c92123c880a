import type { Budget } from '../../../approval/policy.js';
import type { Subject } from '../../../run/request.js';
import { shareText } from '../kit/amounts.js';
import { context } from '../kit/blocks.js';
import { excerpt, fileName, type TitledBlocks } from '../kit/payload.js';
import { list, quoteBlock, richText } from '../kit/rich-text.js';
import { clip, verbatim } from '../kit/text.js';
import { callBlocks, toolText } from './tool-call.js';

type SubjectOf<Kind> = Extract<Subject, { kind: Kind }>;

/** The model's own question. `id` is the item's, unique in the run. */
export function questionBlocks({ text }: SubjectOf<'question'>, id: string): TitledBlocks {
  const { shown, note, attachments } = excerpt(text, fileName('question', id, 'txt'));
  const title = ':question: *The model asks*, in its own words:';
  return { title, blocks: [quoteBlock(shown), ...note], attachments };
}

/** A call of which nobody knows whether it happened, and the meaning of each answer. */
export function lostCallBlocks({ call, why }: SubjectOf<'lost-call'>, id: string): TitledBlocks {
  const { blocks, attachments } = callBlocks(call, id, { wasSent: true });
  return {
    title: `:warning: *Nobody knows whether this call of* ${toolText(call.name)} *happened.* Please look where it would have left its mark.`,
    blocks: [
      context('How its answer was lost:'),
      quoteBlock(clip(why, 1_000)),
      ...blocks,
      context(
        '*It happened*: the run goes on as if it had answered, without its answer. *Run it again*: it is called once more. *Stop*: the run ends here.',
      ),
    ],
    attachments,
  };
}

export const BUDGET_PARTS: Record<keyof Budget, string> = {
  turns: 'turns of the model',
  toolCalls: 'tool calls',
  tokens: 'tokens',
  costUsd: 'money',
  timeMs: 'time at work',
};

/** A budget of which a part is spent, with the other parts, and the meaning of each answer. */
export function budgetBlocks({ part, budget, spent }: SubjectOf<'budget'>): TitledBlocks {
  const items = (Object.keys(BUDGET_PARTS) as (keyof Budget)[]).map((each) => [
    verbatim(`${BUDGET_PARTS[each]}: ${shareText(each, spent, budget)}`, { bold: each === part }),
  ]);
  const isSpent = spent[part] >= budget[part];
  const problem = isSpent ? 'The budget is spent' : 'The budget is too small for what comes next';
  return {
    title: `:hourglass: *${problem}*: ${BUDGET_PARTS[part]}, ${shareText(part, spent, budget)}.`,
    blocks: [
      richText(list('bullet', items)),
      context(
        '*Grant as much again* adds what the policy gave at first. *Stop*: the run ends here, and the thread says what was done. An approver answers.',
      ),
    ],
    attachments: [],
  };
}
