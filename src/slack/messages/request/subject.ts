import type { RequestMessage, Subject } from '../../../run/request.js';
import type { TitledBlocks } from '../kit/payload.js';
import { clip, escapeMrkdwn } from '../kit/text.js';
import { BUDGET_PARTS, budgetBlocks, lostCallBlocks, questionBlocks } from './questions.js';
import { callBlocks, toolText } from './tool-call.js';

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
export function subjectBlocks({ request, item }: RequestMessage): TitledBlocks {
  const { subject } = item;
  const id = `${request}/${item.id}`;
  switch (subject.kind) {
    case 'plan':
      return { title: `*Plan* ${subjectName(subject)}`, blocks: [], attachments: [] };
    case 'tool-call': {
      const { call, stepTitle } = subject;
      const drawn = callBlocks(call, id, { ...(stepTitle && { stepTitle }) });
      return { title: `*Tool call* ${toolText(call.name)}`, ...drawn };
    }
    case 'question':
      return questionBlocks(subject, id);
    case 'lost-call':
      return lostCallBlocks(subject, id);
    case 'budget':
      return budgetBlocks(subject);
  }
}
