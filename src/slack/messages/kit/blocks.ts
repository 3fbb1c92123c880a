import type { ActionsBlock, Button, ContextBlock, InputBlock, KnownBlock, SectionBlock } from '@slack/types';
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

/** A row of buttons. Slack gives it an id where it has none. */
export function actions(elements: ActionsBlock['elements'], blockId?: string): ActionsBlock {
  return { type: 'actions', ...(blockId !== undefined && { block_id: blockId }), elements };
}

export function button(
  actionId: string,
  label: string,
  options: Omit<Button, 'type' | 'action_id' | 'text'> = {},
): Button {
  return { type: 'button', action_id: actionId, text: plain(label, LIMITS.buttonText), ...options };
}

/** Tries the step that failed again. `executionId` says which of the run's executions failed. */
export function retryButton(runId: string, executionId: string): Button {
  return button(ACTIONS.retry, 'Retry', { value: JSON.stringify({ run: runId, executionId }) });
}

/** Opens the whole story of a finished run. */
export function detailsButton(runId: string): Button {
  return button(ACTIONS.details, 'Details', { value: JSON.stringify({ run: runId }) });
}

/** Leads to a message. */
export function openButton(label: string, url: string): Button {
  return button(ACTIONS.openCard, label, { url });
}

/** A question that Slack asks before a click counts. */
export function confirmation(title: string, text: string, answers: { confirm: string; deny: string }) {
  return {
    title: plain(title, LIMITS.confirmTitle),
    text: plain(text, LIMITS.confirmText),
    confirm: plain(answers.confirm, LIMITS.confirmButton),
    deny: plain(answers.deny, LIMITS.confirmButton),
  };
}

/** A field for text, in a message or a modal. */
interface TextField {
  label: string;
  hint?: string;
  /** A modal isn't submitted while a field that isn't optional is empty. */
  optional?: boolean;
  multiline?: boolean;
  /** Text that stands in the field at first. */
  value?: string;
  /** In characters. */
  maxLength?: number;
  focused?: boolean;
}

export function textField(ids: { block: string; action: string }, field: TextField): InputBlock {
  const { label, hint, optional = true, multiline = true, value, focused } = field;
  return {
    type: 'input',
    block_id: ids.block,
    optional,
    label: plain(label, LIMITS.inputLabel),
    ...(hint !== undefined && { hint: plain(hint, LIMITS.inputHint) }),
    element: {
      type: 'plain_text_input',
      action_id: ids.action,
      ...(multiline && { multiline }),
      ...(value !== undefined && { initial_value: value }),
      max_length: field.maxLength ?? LIMITS.plainTextInputMax,
      ...(focused && { focus_on_load: true }),
    },
  };
}

/** The field for a note, above the buttons of a decision. */
export function noteField(label: string): InputBlock {
  return textField(NOTE, { label, multiline: false, maxLength: 1000 });
}
