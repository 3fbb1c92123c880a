import type {
  ActionsBlock,
  Button,
  ContextBlock,
  InputBlock,
  KnownBlock,
  PlainTextInput,
  SectionBlock,
} from '@slack/types';
import { ACTIONS, NOTE } from './ids.js';
import { LIMITS } from './limits.js';
import { plain } from './text.js';

/** A list of blocks without those that a condition left out. */
export function blockList(...parts: (KnownBlock | KnownBlock[] | false | '' | undefined)[]): KnownBlock[] {
  return parts.flatMap((part) => part || []);
}

/** A line in small type. `mrkdwn` is ours: text of others goes in escaped. */
export function context(mrkdwn: string): ContextBlock {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: mrkdwn }] };
}

/** A line in the usual type. `mrkdwn` is ours: text of others goes in escaped. */
export function line(mrkdwn: string): SectionBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: mrkdwn } };
}

/** A row of buttons. Slack gives it an id where `blockId` is unset. */
export function actions(blockId: string | undefined, ...elements: ActionsBlock['elements']): ActionsBlock {
  return { type: 'actions', ...(blockId !== undefined && { block_id: blockId }), elements };
}

interface ButtonOptions extends Pick<Button, 'style' | 'value' | 'url'> {
  /** A question that Slack asks before the click counts. */
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

/** Tries the step that failed again. `executionId` says which of the run's executions failed. */
export function retryButton(shortId: string, executionId: string): Button {
  return button(ACTIONS.retry, 'Retry', { value: JSON.stringify({ run: shortId, executionId }) });
}

/** Opens the whole story of a finished run. */
export function detailsButton(shortId: string): Button {
  return button(ACTIONS.details, 'Details', { value: JSON.stringify({ run: shortId }) });
}

/** Leads to a message. */
export function openButton(label: string, url: string): Button {
  return button(ACTIONS.openCard, label, { url });
}

interface FieldOptions extends Partial<Omit<PlainTextInput, 'type' | 'action_id'>> {
  hint?: string;
  /** A modal isn't submitted while a field that isn't optional is empty. */
  optional?: boolean;
}

/** A field for text, in a message or a modal. */
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

/** The field for a note, above the buttons of a decision. */
export function noteField(label: string): InputBlock {
  return textField(NOTE, label, { multiline: false, max_length: 1000 });
}
