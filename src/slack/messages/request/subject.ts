import type { KnownBlock } from '@slack/types';
import { showHidden } from '../../../approval/hidden-text.js';
import type { Budget } from '../../../approval/policy.js';
import { BUDGET_PARTS } from '../../../run/execution/budget.js';
import { headlineOf, safeName } from '../../../run/execution/headline.js';
import type { ToolCall } from '../../../run/execution/tools.js';
import type { RequestMessage, Subject } from '../../../run/request.js';
import { context, line } from '../kit/blocks.js';
import { excerpt, fileName, type Part } from '../kit/payload.js';
import { list, paragraph, quoteBlock, richText, verbatim } from '../kit/rich-text.js';
import { clip, code, oneLine, shareText } from '../kit/text.js';
import { callParts } from './call-parts.js';

/** Name of a tool behind its server, in mrkdwn. A built-in tool has no server. */
export function toolText(name: string): string {
  return code(toolName(name));
}

function toolName(name: string): string {
  const at = name.indexOf('__');
  return at > 0 ? `${safeName(name.slice(0, at))} · ${safeName(name.slice(at + 2))}` : safeName(name);
}

/** True for a question of a tool. It ends with the tool's call, or before. */
export function isOfTool(subject: Subject): boolean {
  return subject.kind === 'question' && subject.tool !== undefined;
}

/** Says that a tool's question was withdrawn. */
export const GIVEN_UP = 'No answer is needed any more: the tool has finished, or asks something else.';

/** Limit for the tools that a line names. */
const MAX_NAMED = 5;

/** Names the tools that the run had to do without. */
export function refusedToolsText(names: string[]): string {
  const more = names.length > MAX_NAMED ? [`${names.length - MAX_NAMED} more`] : [];
  const listed = [...names.slice(0, MAX_NAMED).map(toolText), ...more].join(', ');
  return `I couldn't use ${names.length === 1 ? 'this tool' : 'these tools'}, because the model's API refuses ${names.length === 1 ? 'it' : 'them'}: ${listed}`;
}

/** A request's subject inside a sentence, in mrkdwn: "this plan". */
export function subjectText(subject: Subject): string {
  if (subject.kind === 'plan') return 'this plan';
  return subject.kind === 'tool-call' ? subjectName(subject) : 'this question';
}

/** Limit for a shown headline, question or title, in characters. */
const NAME = 100;

/** Name of a request's subject, for texts that don't show it, in mrkdwn. Others' words are in code style. */
export function subjectName(subject: Subject): string {
  return nameOf(subject, (words) => oneLine(words, NAME));
}

/** Name of a request's subject in plain text. Others' words are in quotes. */
export function subjectTitle(subject: Subject): string {
  return nameOf(subject, (words) => `“${clip(words.replaceAll(/\s+/g, ' ').trim(), NAME)}”`);
}

function nameOf(subject: Subject, quote: (words: string) => string): string {
  switch (subject.kind) {
    case 'plan':
      return `the plan ${quote(subject.title)}`;
    case 'tool-call':
      return `the action ${quote(headlineOf(subject.call))}`;
    case 'question':
      return subject.tool === undefined
        ? `the question ${quote(subject.text)}`
        : `a question from ${quote(toolName(subject.tool))}`;
    case 'lost-call':
      return `whether this was done: ${quote(headlineOf(subject.call))}`;
    case 'budget':
      return `a used-up budget (${BUDGET_PARTS[subject.part]})`;
  }
}

/** Limit for the arguments of a call whose message is about nothing else, in characters. */
const ROOM = 2_500;

function checkText(call: ToolCall): string {
  const at = call.name.indexOf('__');
  const was = `was ${oneLine(headlineOf(call), NAME)} done?`;
  return at > 0
    ? `Check ${code(safeName(call.name.slice(0, at)))}: ${was}`
    : `${was.charAt(0).toUpperCase()}${was.slice(1)}`;
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
            : `:question: *The tool* ${toolText(subject.tool)} *asks:*`,
        ),
        quoteBlock(shown),
        ...(subject.tool === undefined
          ? []
          : [context("Your answer goes to that tool's server. Never answer with a password or a key.")]),
      ]);
    case 'lost-call':
      return [
        line(`:warning: *We lost contact during this action.* ${checkText(subject.call)}`),
        ...callParts(subject.call, { id: unique, room: ROOM, wasSent: true }),
        context('What happened:'),
        quoteBlock(clip(showHidden(subject.why), 1_000)),
      ];
    case 'budget':
      return budgetBlocks(subject);
  }
}

/** A budget with an exhausted part, the other parts, and the effect of each answer. */
function budgetBlocks({ part, budget, spent }: Extract<Subject, { kind: 'budget' }>): KnownBlock[] {
  const items = (Object.keys(BUDGET_PARTS) as (keyof Budget)[]).map((each) => [
    verbatim(`${BUDGET_PARTS[each]}: ${shareText(each, spent, budget)}`, { bold: each === part }),
  ]);
  const isSpent = spent[part] >= budget[part];
  const problem = isSpent ? 'The budget is used up' : 'The budget is too small for the next actions';
  return [
    line(`:alarm_clock: *${problem}*: ${BUDGET_PARTS[part]}, ${shareText(part, spent, budget)}.`),
    richText(list('bullet', items)),
    context('*Stop run* ends the run here, and the thread says what was done. Only an approver can answer.'),
  ];
}
