import type { KnownBlock } from '@slack/types';
import { replaceHidden, showHidden } from '../../../approval/hidden-text.js';
import type { Budget, ToolRule } from '../../../approval/policy.js';
import { reasonsOf } from '../../../run/execution/conditions.js';
import type { ToolCall } from '../../../run/execution/tools.js';
import type { RequestMessage, Subject } from '../../../run/request.js';
import { context, line } from '../kit/blocks.js';
import { excerpt, fileName, type Part } from '../kit/payload.js';
import { list, paragraph, preformatted, quoteBlock, richText, verbatim } from '../kit/rich-text.js';
import { clip, code, escapeMrkdwn, shareText } from '../kit/text.js';

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

/** Makes a name safe to show: the model may send any characters, of any length. */
function nameText(name: string): string {
  return code(clip(name.replaceAll(/[^\p{L}\p{N}_.-]|\p{DI}/gu, '?'), 64));
}

/** Arguments as indented JSON for people: exactly what is sent, with characters that can't be seen written out as JSON writes them. */
export function argumentsText(input: Record<string, unknown>): string {
  return replaceHidden(JSON.stringify(input, null, 2), (hidden) =>
    hidden.replaceAll(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
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
        ? 'a question of the model’s'
        : `a question of ${toolText(subject.tool)}`;
    case 'lost-call':
      return `whether the call of ${toolText(subject.call.name)} happened`;
    case 'budget':
      return `a spent budget (${BUDGET_PARTS[subject.part]})`;
  }
}

/** An item's subject, as approvers judge it. The plan is on its card. */
export function subjectParts({ request, item: { id, subject } }: RequestMessage): Part[] {
  const unique = `${request}/${id}`;
  switch (subject.kind) {
    case 'plan':
      return [richText(paragraph(verbatim('Plan ', { bold: true }), verbatim(clip(subject.title, 200))))];
    case 'tool-call':
      return [
        line(`*Tool call* ${toolText(subject.call.name)}`),
        ...callParts(subject.call, unique, subject),
      ];
    case 'question':
      return excerpt(subject.text, fileName('question', unique, 'txt'), (shown) => [
        line(
          subject.tool === undefined
            ? ':question: *The model asks*, in its own words:'
            : `:question: *A tool asks* while it is called, ${toolText(subject.tool)}:`,
        ),
        quoteBlock(shown),
        ...(subject.tool === undefined
          ? []
          : [context('The answer goes to the server of that tool. Never answer with a password or a key.')]),
      ]);
    case 'lost-call':
      return [
        line(
          `:warning: *Nobody knows whether this call of* ${toolText(subject.call.name)} *happened.* Please look where it would have left its mark.`,
        ),
        context('How its answer was lost:'),
        quoteBlock(clip(showHidden(subject.why), 1_000)),
        ...callParts(subject.call, unique, { wasSent: true }),
        context(
          '*It happened*: the run goes on as if it had answered, without its answer. *Run it again*: it is called once more. *Stop*: the run ends here.',
        ),
      ];
    case 'budget':
      return budgetBlocks(subject);
  }
}

/** A tool call, as approvers judge it. `id` is the item's, unique in the run. `wasSent`: the call was already sent. */
function callParts(
  { input, step, reason = '', readOnly }: ToolCall,
  id: string,
  { stepTitle, rule, wasSent = false }: { stepTitle?: string; rule?: ToolRule; wasSent?: boolean },
): Part[] {
  const reasons = rule ? reasonsOf(rule, input) : [];
  const place = [step !== undefined && `Step ${step}`, stepTitle && clip(stepTitle, 300)].filter(Boolean);
  return [
    ...(place.length > 0 ? [richText(paragraph(verbatim(place.join(': '))))] : []),
    ...excerpt(reason, fileName('reason', id, 'txt'), (shown) =>
      shown.trim() === '' ? [] : [context('Why, in the model’s own words:'), quoteBlock(shown)],
    ),
    ...(reasons.length > 0
      ? [richText(paragraph(verbatim(`Asked because ${clip(reasons.join(' and '), 500)}`)))]
      : []),
    context(wasSent ? 'What was sent, exactly:' : 'What would be sent, exactly:'),
    ...excerpt(argumentsText(input), fileName('arguments', id, 'json'), preformatted),
    context(
      readOnly
        ? 'Its server says that it only reads.'
        : 'It may change something: its server doesn’t say that it only reads.',
    ),
  ];
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
  const problem = isSpent ? 'The budget is spent' : 'The budget is too small for what comes next';
  return [
    line(`:alarm_clock: *${problem}*: ${BUDGET_PARTS[part]}, ${shareText(part, spent, budget)}.`),
    richText(list('bullet', items)),
    context(
      '*Grant as much again* adds what the policy gave at first. *Stop*: the run ends here, and the thread says what was done. An approver answers.',
    ),
  ];
}
