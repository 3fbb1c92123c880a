import type { ActionsBlock, Button, KnownBlock } from '@slack/types';
import type { QuestionCard } from '../../../run/thread.js';
import { ACTIONS, ANSWER, OPTION, type QuestionRef } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { context } from '../kit/lines.js';
import { type Attachment, fileName } from '../kit/long-text.js';
import { listBlocks } from '../kit/rich-text.js';
import { clip, code, plain, verbatim } from '../kit/text.js';

/** So many options get a button. */
const MAX_OPTIONS = 2 * LIMITS.actionsElements;

/** All the options that are too long for their buttons together, in characters. */
const OPTIONS_ROOM = 4_000;

/** The label of a button whose option stands in the list above it. */
const SHORT_LABEL = 30;

/** Options that are longer than a button, as a list, numbered as the buttons are; whole in an attachment where that is too short. */
export function longOptions({ options, questionId }: QuestionCard): {
  blocks: KnownBlock[];
  attachments: Attachment[];
} {
  if (!needList(options)) return { blocks: [], attachments: [] };
  const room = Math.floor(OPTIONS_ROOM / Math.min(options.length, MAX_OPTIONS));
  const items = options.slice(0, MAX_OPTIONS).map((option) => [verbatim(clip(option, room))]);
  const blocks = listBlocks('ordered', items);
  const isWhole = options.length <= MAX_OPTIONS && options.every(({ length }) => length <= room);
  if (isWhole) return { blocks, attachments: [] };
  const name = fileName('options', questionId, 'txt');
  const text = options.map((option, at) => `${at + 1}. ${option}`).join('\n');
  return {
    blocks: [...blocks, context(`The options are cut here; they are above, in this thread: ${code(name)}`)],
    attachments: [{ name, text }],
  };
}

/** What a question is answered with: a button an option, and a field for an answer in one's own words. */
export function answerBlocks(card: QuestionCard): KnownBlock[] {
  const { options, freeText } = card;
  const shown = options.slice(0, MAX_OPTIONS).map((option, at) => optionButton(card, option, at));
  const left = options.length - shown.length;
  return [
    ...(freeText ? [answerInput()] : []),
    ...dealButtons(freeText ? [...shown, answerButton(card)] : shown),
    ...(left > 0 ? [context(`${left} more options have no button here.`)] : []),
  ];
}

function optionButton(card: QuestionCard, option: string, at: number): Button {
  const { asked, options } = card;
  const label = option.trim() === '' ? `Option ${at + 1}` : option;
  const shown = needList(options) ? clip(`${at + 1}. ${label}`, SHORT_LABEL) : label;
  return {
    type: 'button',
    action_id: `${OPTION}${at}`,
    text: plain(shown, LIMITS.buttonText),
    value: encode(card, at),
    ...(asked.what !== 'ask-person' && option === 'Stop' && { style: 'danger' }),
  };
}

function answerButton(card: QuestionCard): Button {
  const text = plain('Answer', LIMITS.buttonText);
  return { type: 'button', action_id: ACTIONS.answer, style: 'primary', text, value: encode(card) };
}

function answerInput(): KnownBlock {
  return {
    type: 'input',
    block_id: ANSWER.block,
    optional: true,
    label: plain('Your answer', LIMITS.inputLabel),
    element: {
      type: 'plain_text_input',
      action_id: ANSWER.action,
      multiline: true,
      max_length: LIMITS.plainTextInputMax,
    },
  };
}

function dealButtons(buttons: Button[]): ActionsBlock[] {
  const blocks: ActionsBlock[] = [];
  for (let from = 0; from < buttons.length; from += LIMITS.actionsElements) {
    const elements = buttons.slice(from, from + LIMITS.actionsElements);
    blocks.push({ type: 'actions', block_id: `answers ${from}`, elements });
  }
  return blocks;
}

function encode({ runId, questionId }: QuestionCard, option?: number): string {
  const ref: QuestionRef = { run: runId, question: questionId, ...(option !== undefined && { option }) };
  return JSON.stringify(ref);
}

/** Whether an option is too long for its button, or there are more than have one. */
function needList(options: string[]): boolean {
  return options.length > MAX_OPTIONS || options.some(({ length }) => length > LIMITS.buttonText);
}
