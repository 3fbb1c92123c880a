import type { KnownBlock } from '@slack/types';
import { showHidden } from '../../../approval/hidden-text.js';
import type { Budget } from '../../../approval/policy.js';
import type { RequestMessage, Subject } from '../../../run/request.js';
import { context, line } from '../kit/blocks.js';
import { excerpt, fileName, type Part } from '../kit/payload.js';
import { list, paragraph, quoteBlock, richText, verbatim } from '../kit/rich-text.js';
import { clip, code, escapeMrkdwn, shareText } from '../kit/text.js';
import { argumentsText, safeName } from './call-fields.js';
import { callParts } from './call-parts.js';

export { argumentsText };

/** Name of a tool and its server, in mrkdwn. A built-in tool has no server. */
export function toolText(name: string): string {
  const at = name.indexOf('__');
  return at > 0 ? `${nameText(name.slice(at + 2))} of ${nameText(name.slice(0, at))}` : nameText(name);
}

/** True for a question of a tool. It ends with the tool's call, or before. */
export function isOfTool(subject: Subject): boolean {
  return subject.kind === 'question' && subject.tool !== undefined;
}

/** Says that a tool's question was withdrawn. */
export const GIVEN_UP = 'Nobody is asked any more: the call has ended, or asks something else by now.';

/** Limit for the tools that a line names. */
const MAX_NAMED = 5;

/** Names the tools that the run had to do without. */
export function refusedToolsText(names: string[]): string {
  const more = names.length > MAX_NAMED ? [`${names.length - MAX_NAMED} more`] : [];
  const listed = [...names.slice(0, MAX_NAMED).map(toolText), ...more].join(', ');
  return `Not offered to the model, because its API refuses ${names.length === 1 ? 'it' : 'them'}: ${listed}`;
}

function nameText(name: string): string {
  return code(safeName(name));
}

/** A request's subject inside a sentence, in mrkdwn: "this plan". */
export function subjectText(subject: Subject): string {
  if (subject.kind === 'plan') return 'this plan';
  return subject.kind === 'tool-call' ? `the call of ${toolText(subject.call.name)}` : 'this question';
}

/** Name of a request's subject, for texts that don't show it, in mrkdwn. */
export function subjectName(subject: Subject): string {
  switch (subject.kind) {
    case 'plan':
      return escapeMrkdwn(clip(subject.title, 200));
    case 'tool-call':
      return subjectText(subject);
    case 'question':
      return subject.tool === undefined
        ? 'a question of the agent’s'
        : `a question of ${toolText(subject.tool)}`;
    case 'lost-call':
      return `whether the call of ${toolText(subject.call.name)} happened`;
    case 'budget':
      return `a spent budget (${BUDGET_PARTS[subject.part]})`;
  }
}

/** Limit for the arguments of a call whose message is about nothing else, in characters. */
const ROOM = 2_500;

function checkText(tool: string): string {
  const at = tool.indexOf('__');
  return at > 0 ? `Check ${nameText(tool.slice(0, at))}: was this done?` : 'Was this done?';
}

/** An item's subject, as approvers judge it. The plan is on its card. */
export function subjectParts({ request, item: { id, subject } }: RequestMessage): Part[] {
  const unique = `${request}/${id}`;
  switch (subject.kind) {
    case 'plan':
      return [richText(paragraph(verbatim('Plan ', { bold: true }), verbatim(clip(subject.title, 200))))];
    case 'tool-call':
      return callParts(subject.call, { id: unique, room: ROOM });
    case 'question':
      return excerpt(subject.text, fileName('question', unique, 'txt'), (shown) => [
        line(
          subject.tool === undefined
            ? ':question: *The agent asks*, in its own words:'
            : `:question: *A tool asks* while it runs, ${toolText(subject.tool)}:`,
        ),
        quoteBlock(shown),
        ...(subject.tool === undefined
          ? []
          : [context('Your answer goes to that tool’s server. Never answer with a password or a key.')]),
      ]);
    case 'lost-call':
      return [
        line(`:warning: *We lost contact during this action.* ${checkText(subject.call.name)}`),
        ...callParts(subject.call, { id: unique, room: ROOM, wasSent: true }),
        context('How we lost contact:'),
        quoteBlock(clip(showHidden(subject.why), 1_000)),
      ];
    case 'budget':
      return budgetBlocks(subject);
  }
}

const BUDGET_PARTS: Record<keyof Budget, string> = {
  turns: 'turns of the model',
  toolCalls: 'tool calls',
  tokens: 'tokens',
  costUsd: 'money',
  timeMs: 'time at work',
};

/** A budget with an exhausted part, the other parts, and the effect of each answer. */
function budgetBlocks({ part, budget, spent }: Extract<Subject, { kind: 'budget' }>): KnownBlock[] {
  const items = (Object.keys(BUDGET_PARTS) as (keyof Budget)[]).map((each) => [
    verbatim(`${BUDGET_PARTS[each]}: ${shareText(each, spent, budget)}`, { bold: each === part }),
  ]);
  const isSpent = spent[part] >= budget[part];
  const problem = isSpent ? 'The budget is spent' : 'The budget is too small for the next actions';
  return [
    line(`:alarm_clock: *${problem}*: ${BUDGET_PARTS[part]}, ${shareText(part, spent, budget)}.`),
    richText(list('bullet', items)),
    context('*Stop run* ends it here, and the thread says what was done. An approver answers.'),
  ];
}
