import type { Budget } from '../../../approval/policy.js';
import type { RequestMessage, Subject } from '../../../run/request.js';
import { context } from '../kit/blocks.js';
import { excerpt, fileName, type TitledBlocks } from '../kit/payload.js';
import { list, quoteBlock, richText, verbatim } from '../kit/rich-text.js';
import { clip, escapeMrkdwn, shareText } from '../kit/text.js';
import { callBlocks, toolText } from './tool-call.js';

type SubjectOf<Kind> = Extract<Subject, { kind: Kind }>;

/** A request's subject in a sentence, in mrkdwn: "this plan". */
export function subjectText(subject: Subject): string {
  if (subject.kind === 'plan') return 'this plan';
  return subject.kind === 'tool-call' ? `the call of ${toolText(subject.call.name)}` : 'this question';
}

/** Name of a request's subject where the subject isn't shown, in mrkdwn. */
export function subjectName(subject: Subject): string {
  switch (subject.kind) {
    case 'plan':
      return escapeMrkdwn(clip(subject.title, 200));
    case 'tool-call':
      return subjectText(subject);
    case 'question':
      return 'a question of the model’s';
    case 'lost-call':
      return `whether the call of ${toolText(subject.call.name)} happened`;
    case 'budget':
      return `a spent budget (${BUDGET_PARTS[subject.part]})`;
  }
}

/** The subject of an item as people judge it. The plan itself stands on its card. */
export function subjectBlocks({ request, item: { id, subject } }: RequestMessage): TitledBlocks {
  const unique = `${request}/${id}`;
  switch (subject.kind) {
    case 'plan':
      return { title: `*Plan* ${subjectName(subject)}`, blocks: [], attachments: [] };
    case 'tool-call': {
      const { call, stepTitle } = subject;
      return { title: `*Tool call* ${toolText(call.name)}`, ...callBlocks(call, unique, { stepTitle }) };
    }
    case 'question':
      return {
        title: ':question: *The model asks*, in its own words:',
        ...excerpt(subject.text, fileName('question', unique, 'txt'), (shown) => [quoteBlock(shown)]),
      };
    case 'lost-call':
      return lostCallBlocks(subject, unique);
    case 'budget':
      return budgetBlocks(subject);
  }
}

/** A call of which nobody knows whether it happened, and the meaning of each answer. */
function lostCallBlocks({ call, why }: SubjectOf<'lost-call'>, id: string): TitledBlocks {
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

const BUDGET_PARTS: Record<keyof Budget, string> = {
  turns: 'turns of the model',
  toolCalls: 'tool calls',
  tokens: 'tokens',
  costUsd: 'money',
  timeMs: 'time at work',
};

/** A budget of which a part is spent, with the other parts, and the meaning of each answer. */
function budgetBlocks({ part, budget, spent }: SubjectOf<'budget'>): TitledBlocks {
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
