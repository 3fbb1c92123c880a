import type { Button, KnownBlock } from '@slack/types';
import type { ShownItem } from '../../../approval/decision.js';
import type { Choice } from '../../../approval/request.js';
import type { RequestItem, RequestMessage } from '../../../run/request.js';
import { actions, blockList, button, context, textField } from '../kit/blocks.js';
import { ACTIONS, ANSWER, CHOICE, encodeButton } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { fileName, type Part } from '../kit/payload.js';
import { listBlocks, verbatim } from '../kit/rich-text.js';
import { clip, code } from '../kit/text.js';

/** Limit for the choices with a button. */
const MAX_CHOICES = 2 * LIMITS.actionsElements;

/** Limit for the list of long choices, in characters. */
const LIST_ROOM = 4_000;

/** Limit for the label of a button whose choice is in the list above, in characters. */
const SHORT_LABEL = 30;

/** Numbered list of the choices, if one is too long for its button. A list that cuts choices has an attachment with the whole texts. */
export function choiceListParts({ choices = [] }: RequestItem, id: string): Part[] {
  if (!needList(choices)) return [];
  const room = Math.floor(LIST_ROOM / Math.min(choices.length, MAX_CHOICES));
  const items = choices.slice(0, MAX_CHOICES).map(({ label }) => [verbatim(clip(label, room))]);
  const blocks = listBlocks('ordered', items);
  if (choices.length <= MAX_CHOICES && choices.every(({ label }) => label.length <= room)) return blocks;
  const name = fileName('options', id, 'txt');
  const note = context(`The options are cut here; they are above, in this thread: ${code(name)}`);
  return [...blocks, note, { name, text: choices.map(({ label }, at) => `${at + 1}. ${label}`).join('\n') }];
}

/** A button for each choice of a question, and the field for an answer in the person's own words. */
export function answerBlocks(message: RequestMessage): KnownBlock[] {
  const { choices = [], freeText } = message.item;
  const buttons = choices.slice(0, MAX_CHOICES).map((choice, at) => choiceButton(message, choice, at));
  const hidden = choices.length - buttons.length;
  if (freeText) {
    buttons.push(button(ACTIONS.answer, 'Answer', { style: 'primary', value: buttonValue(message) }));
  }
  const rows = Array.from({ length: Math.ceil(buttons.length / LIMITS.actionsElements) }, (_, row) => {
    const from = row * LIMITS.actionsElements;
    return actions(`answers ${from}`, ...buttons.slice(from, from + LIMITS.actionsElements));
  });
  return blockList(
    freeText && textField(ANSWER, 'Your answer'),
    rows,
    hidden > 0 && context(`${hidden} more options have no button here.`),
  );
}

function choiceButton(message: RequestMessage, { id, label, forRequester }: Choice, at: number): Button {
  const named = label.trim() === '' ? `Option ${at + 1}` : label;
  const isListed = needList(message.item.choices ?? []);
  return button(`${CHOICE}${at}`, isListed ? clip(`${at + 1}. ${named}`, SHORT_LABEL) : named, {
    value: buttonValue(message, id),
    ...(forRequester && { style: 'danger' }),
  });
}

/** Value of a button about an item, or about several of them. */
export function buttonValue(
  { shortId: run, request, revision, item }: RequestMessage,
  choice?: string,
  items: ShownItem[] = [{ id: item.id, digest: item.digest }],
): string {
  return encodeButton({ run, request, revision, items, ...(choice !== undefined && { choice }) });
}

/** True if a choice is too long for its button, or has none. */
function needList(choices: Choice[]): boolean {
  return choices.length > MAX_CHOICES || choices.some(({ label }) => label.length > LIMITS.buttonText);
}
