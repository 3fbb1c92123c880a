import type { RichTextBlockElement, RichTextElement } from '@slack/types';
import type { ToolRule } from '../../../approval/policy.js';
import { reasonsOf } from '../../../run/execution/conditions.js';
import { isDangerous } from '../../../run/execution/danger.js';
import { headlineOf } from '../../../run/execution/headline.js';
import type { ToolCall } from '../../../run/execution/tools.js';
import { fileName, type Part } from '../kit/payload.js';
import { paragraph, richText, verbatim } from '../kit/rich-text.js';
import { clip, count } from '../kit/text.js';
import { argumentsText, drawFields } from './call-fields.js';

/** Limits for the words beside the arguments, in characters. `Exact input` shows the whole reason. */
const REASON_CHARS = 200;
const STEP_CHARS = 60;
const RULE_CHARS = 150;

/** Room that the words beside the arguments take, in characters. */
export const WORDS_ROOM = 1_150;

export interface CallOptions {
  /** Id of the item, unique in the run. */
  id: string;
  /** Limit for the arguments, in characters. */
  room: number;
  /** Number in front of it, where a message shows several. */
  number?: number | undefined;
  stepTitle?: string | undefined;
  rule?: ToolRule | undefined;
  /** True for a call that was sent already. */
  wasSent?: boolean;
}

/** True if a message with this room shows all arguments of a call. */
export function isShownWhole(call: ToolCall, room: number): boolean {
  return drawFields(call, room).left === 0;
}

/**
 * A tool call, as approvers judge it: one block of rich text, in which nothing is parsed. The agent's words are marked, and the arguments stand beside
 * them. Arguments that are too long have a file before the message.
 */
export function callParts(call: ToolCall, options: CallOptions): Part[] {
  const { id, room, number, wasSent = false } = options;
  const { elements, left } = drawFields(call, room);
  const file = fileName('arguments', id, 'json');
  const total = Object.keys(call.input).length;
  const block = richText(
    paragraph(
      verbatim(`${number === undefined ? '' : `${number}. `}${headlineOf(call)}`, { bold: true }),
      ...(isDangerous(call) && !wasSent ? [verbatim(CAREFUL, { bold: true })] : []),
    ),
    paragraph(...leadOf(call, total, wasSent)),
    ...elements,
    ...(left > 0
      ? [
          paragraph(
            verbatim(`⚠️ Cut here: ${count(left, 'field')} of ${total} not shown in full. `, { bold: true }),
            verbatim('All of it is above, in this thread: '),
            verbatim(file, { code: true }),
          ),
        ]
      : []),
    ...whyElements(call, options),
  );
  return [block, ...(left > 0 ? [{ name: file, text: argumentsText(call.input) }] : [])];
}

const CAREFUL = '\n⚠️ This may delete, send, pay or publish. Check it carefully.';

/** Says whose words the headline is, and what the fields are. */
function leadOf({ sentence, edited }: ToolCall, fields: number, wasSent: boolean): RichTextElement[] {
  const words = sentence === undefined ? '' : 'Described by the agent. ';
  const sent = wasSent ? 'What was sent' : 'What will be sent';
  const end = fields === 0 ? `${sent}: no values.` : `${sent}:`;
  const people = (edited?.by ?? []).flatMap(({ user }, at): RichTextElement[] => [
    verbatim(at === 0 ? 'Edited by ' : ', ', { italic: true }),
    { type: 'user', user_id: user },
  ]);
  return [...people, verbatim(`${people.length > 0 ? '. ' : ''}${words}${end}`, { italic: true })];
}

/** The step and the reason of a call, and the rule that asks about it. */
function whyElements(
  { step, reason = '', input }: ToolCall,
  { stepTitle, rule }: CallOptions,
): RichTextBlockElement[] {
  const title = stepTitle ? `: ${clip(stepTitle, STEP_CHARS)}` : '';
  const reasons = rule ? reasonsOf(rule, input) : [];
  const lines = [
    step === undefined ? '' : `Step ${step}${title}`,
    reason.trim() === ''
      ? ''
      : `Why, in the agent's words: ${clip(reason.replaceAll(/\s+/g, ' '), REASON_CHARS)}`,
    reasons.length === 0 ? '' : `Asked because ${clip(reasons.join(' and '), RULE_CHARS)}`,
  ].filter((line) => line !== '');
  return lines.length === 0 ? [] : [paragraph(verbatim(lines.join('\n'), { italic: true }))];
}
