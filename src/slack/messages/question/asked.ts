import type { KnownBlock } from '@slack/types';
import type { Budget } from '../../../run/budget.js';
import type { Asked, QuestionCard } from '../../../run/thread.js';
import { context } from '../kit/lines.js';
import { type Attachment, excerpt, fileName } from '../kit/long-text.js';
import { list, quote, richText } from '../kit/rich-text.js';
import { clip, verbatim } from '../kit/text.js';
import { callBlocks, toolWords } from '../tool/call.js';
import { spentOfWords } from './spent.js';

interface Drawn {
  /** Ours, in mrkdwn. */
  title: string;
  blocks: KnownBlock[];
  attachments: Attachment[];
}

/** What is asked, and what an answer means. */
export function askedBlocks({ asked, questionId }: Pick<QuestionCard, 'asked' | 'questionId'>): Drawn {
  switch (asked.what) {
    case 'ask-person':
      return question(asked, questionId);
    case 'lost-call':
      return lostCall(asked, questionId);
    case 'budget':
      return budget(asked);
  }
}

/** One line that names a question where it isn't shown whole; in mrkdwn. */
export function askedWords(asked: Asked): string {
  switch (asked.what) {
    case 'ask-person':
      return 'a question of the model’s';
    case 'lost-call':
      return `whether the call of ${toolWords(asked.call.name)} happened`;
    case 'budget':
      return `a spent budget (${PARTS[asked.part]})`;
  }
}

function question({ text }: Extract<Asked, { what: 'ask-person' }>, id: string): Drawn {
  const { shown, note, attachments } = excerpt(text, fileName('question', id, 'txt'));
  return {
    title: ':question: *The model asks*, in its own words:',
    blocks: [richText(quote(verbatim(shown))), ...note],
    attachments,
  };
}

function lostCall({ call, why }: Extract<Asked, { what: 'lost-call' }>, id: string): Drawn {
  const { blocks, attachments } = callBlocks(call, id, { wasSent: true });
  return {
    title: `:warning: *Nobody knows whether this call of* ${toolWords(call.name)} *happened.* Please look where it would have left its mark.`,
    blocks: [
      context('How its answer was lost:'),
      richText(quote(verbatim(clip(why, 1_000)))),
      ...blocks,
      context(
        '*It happened*: the run goes on as if it had answered, without its answer. *Run it again*: it is called once more. *Stop*: the run ends here.',
      ),
    ],
    attachments,
  };
}

const PARTS: Record<keyof Budget, string> = {
  turns: 'turns of the model',
  toolCalls: 'tool calls',
  tokens: 'tokens',
  costUsd: 'money',
  timeMs: 'time at work',
};

function budget({ part, budget: of, spent }: Extract<Asked, { what: 'budget' }>): Drawn {
  const items = (Object.keys(PARTS) as (keyof Budget)[]).map((each) => [
    verbatim(`${PARTS[each]}: ${spentOfWords(each, spent, of)}`, { bold: each === part }),
  ]);
  const what = spent[part] < of[part] ? 'The budget is too small for what comes next' : 'The budget is spent';
  return {
    title: `:hourglass: *${what}*: ${PARTS[part]}, ${spentOfWords(part, spent, of)}.`,
    blocks: [
      richText(list('bullet', items)),
      context(
        '*Grant as much again* adds what the policy gave at first. *Stop*: the run ends here, and the thread says what was done. An approver answers.',
      ),
    ],
    attachments: [],
  };
}
