import type {
  ActionsBlock,
  Button,
  ContextBlock,
  InputBlock,
  KnownBlock,
  MrkdwnElement,
  Overflow,
  PlainTextInput,
  SectionBlock,
} from '@slack/types';
import type { LedgerHead } from '../../../run/event.js';
import { ACTIONS, NOTE } from './ids.js';
import { LIMITS } from './limits.js';
import { splitText } from './paginate.js';
import { plain } from './text.js';

/** Makes a list of blocks, without those that a condition left out. */
export function blockList(...parts: (KnownBlock | KnownBlock[] | false | '' | undefined)[]): KnownBlock[] {
  return parts.flatMap((part) => part || []);
}

/**
 * Our own text in mrkdwn, in which Slack makes nothing of bare addresses and names. Others' text may be in it as `code` only, because mrkdwn
 * has no escape for `*`.
 */
function mrkdwn(text: string): MrkdwnElement {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** A line in small type, in our own mrkdwn; or as many as ten. */
export function context(...texts: string[]): ContextBlock {
  return { type: 'context', elements: texts.map(mrkdwn) };
}

/** A line in normal type, in our own mrkdwn. */
export function line(text: string): SectionBlock {
  return { type: 'section', text: mrkdwn(text) };
}

/** Others' text in normal type, as it is: Slack parses nothing in plain text. `limit` is in characters. */
export function plainLine(text: string, limit: number): SectionBlock {
  return { type: 'section', text: plain(text, limit) };
}

/** Gives a text that has no blocks its blocks: in the `text` of a message Slack makes links of bare addresses and names. */
export function withBlocks<T extends { text: string; blocks?: KnownBlock[] }>(
  message: T,
): T & { blocks: KnownBlock[] } {
  return { ...message, blocks: message.blocks ?? splitText(message.text, LIMITS.sectionText).map(line) };
}

/** A row of buttons. Slack assigns an id if `blockId` is unset. */
export function actions(blockId: string | undefined, ...elements: ActionsBlock['elements']): ActionsBlock {
  return { type: 'actions', ...(blockId !== undefined && { block_id: blockId }), elements };
}

interface ButtonOptions extends Pick<Button, 'style' | 'value' | 'url'> {
  /** Dialog in which Slack asks for confirmation of the click. */
  confirm?: { title: string; text: string; confirm: string; deny: string; style?: 'danger' };
}

export function button(actionId: string, label: string, { confirm, ...options }: ButtonOptions = {}): Button {
  const dialog = confirm && {
    ...confirm,
    title: plain(confirm.title, LIMITS.confirmTitle),
    text: plain(confirm.text, LIMITS.confirmText),
    confirm: plain(confirm.confirm, LIMITS.confirmButton),
    deny: plain(confirm.deny, LIMITS.confirmButton),
  };
  const text = plain(label, LIMITS.buttonText);
  return { type: 'button', action_id: actionId, text, ...options, ...(dialog && { confirm: dialog }) };
}

/** Button that retries the failed step. `executionId`: the execution that failed. */
export function retryButton(shortId: string, executionId: string): Button {
  return button(ACTIONS.retry, 'Retry', { value: JSON.stringify({ run: shortId, executionId }) });
}

/** Button that starts a new run for the goal of an ended one. */
export function startAgainButton(shortId: string): Button {
  return button(ACTIONS.startAgain, 'Start again', { value: JSON.stringify({ run: shortId }) });
}

/** Button that opens the history of a run. `head`: kept end of its chain. */
export function detailsButton(shortId: string, head?: LedgerHead): Button {
  return button(ACTIONS.details, 'Details', {
    value: JSON.stringify({
      run: shortId,
      ...(head && { head: { sequence: head.sequence, hash: head.hash } }),
    }),
  });
}

/**
 * Menu behind an ellipsis, with a value for each label.
 *
 * @throws RangeError for a value over Slack's limit: the run's id is too long.
 */
export function overflow(actionId: string, options: [label: string, value: string][]): Overflow {
  for (const [label, { length }] of options) {
    if (length <= LIMITS.optionValue) continue;
    throw new RangeError(
      `The menu entry ${label} has ${length} characters, and Slack takes ${LIMITS.optionValue}`,
    );
  }
  const entries = options.map(([label, value]) => ({ text: plain(label, LIMITS.optionText), value }));
  return { type: 'overflow', action_id: actionId, options: entries };
}

/** Choice of one of at most ten options in a modal; the first is selected. */
export function radioField(
  ids: { block: string; action: string },
  label: string,
  options: [label: string, value: string][],
): InputBlock {
  const entries = options.map(([text, value]) => ({ text: plain(text, LIMITS.optionText), value }));
  const [initial] = entries;
  return {
    ...{ type: 'input', block_id: ids.block, label: plain(label, LIMITS.inputLabel) },
    element: {
      ...{ type: 'radio_buttons', action_id: ids.action, options: entries },
      ...(initial && { initial_option: initial }),
    },
  };
}

/** Button that links to a message. */
export function openButton(label: string, url: string): Button {
  return button(ACTIONS.openCard, label, { url });
}

interface FieldOptions extends Partial<Omit<PlainTextInput, 'type' | 'action_id'>> {
  hint?: string;
  /** Slack submits a modal only when its required fields are filled. */
  optional?: boolean;
}

/** A text field, in a message or a modal. */
export function textField(
  ids: { block: string; action: string },
  label: string,
  { hint, optional = true, ...element }: FieldOptions = {},
): InputBlock {
  return {
    ...{ type: 'input', block_id: ids.block, optional, label: plain(label, LIMITS.inputLabel) },
    ...(hint !== undefined && { hint: plain(hint, LIMITS.inputHint) }),
    element: {
      ...{ type: 'plain_text_input', action_id: ids.action },
      ...{ multiline: true, max_length: LIMITS.plainTextInputMax },
      ...element,
    },
  };
}

/** The field for a note, above the buttons of a decision. With several approvals nobody approves the notes of the others, and the field says so. */
export function noteField(
  label: string,
  { approvals }: { approvals: number },
  block: string = NOTE.block,
): InputBlock {
  const hint = 'If you approve, your note is only a comment. I do exactly what stands above.';
  return textField({ ...NOTE, block }, label, {
    multiline: false,
    max_length: 1000,
    ...(approvals > 1 && { hint }),
  });
}
