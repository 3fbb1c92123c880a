import type { InputBlock, KnownBlock, ModalView, PlainTextOption } from '@slack/types';
import type { ToolCall } from '../../../run/execution/tools.js';
import { context, textField } from '../kit/blocks.js';
import { ARGUMENT, type ButtonValue, encodeButton, VIEWS } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { clip, plain } from '../kit/text.js';
import { type FormField, formOf } from './form-fields.js';
import { toolText } from './subject.js';

/** A text in one line is at most this long, in characters. */
const LINE_CHARS = 80;

/** Place of the click, and what the form is about. */
export interface CallFormContext {
  button: ButtonValue;
  clickedOn: string;
  /** Warning in mrkdwn that too few others could approve the edited call. */
  warning?: string | undefined;
}

/** Says before an edit is sent that its author can't approve the edited call, and that too few others could. */
export function editorLeftOutText({ escalates }: { escalates: boolean }): string {
  const next = escalates
    ? 'If you save, I ask more people.'
    : "So you can't edit it. Reject it, and say what should change.";
  return `:warning: If you edit this, you can't approve it, and too few others can. ${next}`;
}

/** Modal in which an approver edits a call's arguments: a field for each, or one for all as JSON. Undefined where they exceed Slack's limits. */
export function editCallModal(
  { button, clickedOn, warning }: CallFormContext,
  call: ToolCall,
  schema: Record<string, unknown> | undefined,
): ModalView | undefined {
  const form = formOf(call.input, schema);
  if (!form) return undefined;
  const view: ModalView = {
    type: 'modal',
    callback_id: VIEWS.editCall,
    private_metadata: JSON.stringify({ value: encodeButton(button), clickedOn }),
    title: plain('Edit this action', LIMITS.viewTitle),
    submit: plain('Save', LIMITS.viewSubmit),
    close: plain('Back', LIMITS.viewClose),
    blocks: [
      ...(warning === undefined ? [] : [context(warning)]),
      context(
        `${toolText(call.name)} · Saving doesn't approve it: the edited action needs its own approval.`,
      ),
      ...form.map(fieldBlock),
    ],
  };
  const isTaken =
    view.blocks.length <= LIMITS.viewBlocks && Buffer.byteLength(JSON.stringify(view)) < LIMITS.viewBytes;
  return isTaken ? view : undefined;
}

function fieldBlock({ name, block, kind, text, options, hint, isRequired }: FormField): KnownBlock {
  const ids = { block, action: ARGUMENT.action };
  const label = kind === 'json' && name !== undefined ? `${name} (JSON)` : (name ?? 'All values, as JSON');
  const more = { optional: !isRequired, ...(hint && { hint: clip(hint, 200) }) };
  if (options) return selectField(ids, label, { options, initial: text, ...more });
  return textField(ids, label, {
    ...more,
    ...(text !== '' && { initial_value: text }),
    multiline: kind === 'json' || text.length > LINE_CHARS || text.includes('\n'),
  });
}

function selectField(
  { block, action }: { block: string; action: string },
  label: string,
  {
    options,
    initial,
    hint,
    optional,
  }: { options: string[]; initial: string; hint?: string; optional: boolean },
): InputBlock {
  const entries = options.map((value): PlainTextOption => ({ text: plain(value, 75), value }));
  const chosen = entries.find(({ value }) => value === initial);
  return {
    ...{ type: 'input', block_id: block, optional, label: plain(label, LIMITS.inputLabel) },
    ...(hint !== undefined && { hint: plain(hint, LIMITS.inputHint) }),
    element: {
      ...{ type: 'static_select', action_id: action, options: entries },
      ...(chosen && { initial_option: chosen }),
    },
  };
}
