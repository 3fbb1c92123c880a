import type { KnownBlock, ModalView } from '@slack/types';
import type { Plan, PlanStep } from '../../../run/plan.js';
import { ANSWER, type ButtonRef, EDIT, encodeRef, VIEWS } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { context } from '../kit/lines.js';
import { plain } from '../kit/text.js';

/** What a modal keeps while a person types: which plan it is about, and where its card stands. */
export interface ModalContext {
  ref: ButtonRef;
  channel: string;
}

export function rejectModal(about: ModalContext): ModalView {
  return answerModal(about, {
    callbackId: VIEWS.reject,
    title: 'Reject the plan',
    submit: 'Reject',
    label: 'Reason',
    hint: 'The requester and the thread see it. It may stay empty.',
    optional: true,
  });
}

export function changesModal(about: ModalContext): ModalView {
  return answerModal(about, {
    callbackId: VIEWS.changes,
    title: 'Request changes',
    submit: 'Request changes',
    label: 'What should change?',
    hint: 'A new revision of the plan follows, and this one can no longer be approved.',
    optional: false,
  });
}

/** A plan's steps as a form: a field a step, its first line the title; an emptied one goes, and the last field takes new ones. */
export function editModal(about: ModalContext, plan: Plan): ModalView | undefined {
  const view: ModalView = {
    type: 'modal',
    callback_id: VIEWS.edit,
    private_metadata: JSON.stringify({ value: encodeRef(about.ref), channel: about.channel }),
    title: plain('Edit plan', LIMITS.viewTitle),
    submit: plain('Save as a revision', LIMITS.viewSubmit),
    close: plain('Back', LIMITS.viewClose),
    blocks: [
      context(
        'Your edit becomes a new revision, which needs its own approval: saving it approves nothing. Where the requester may not approve, nor may who edited. In each field the first line is the step’s title; an emptied field removes its step.',
      ),
      ...plan.steps.map(stepField),
      {
        type: 'input',
        block_id: EDIT.more,
        optional: true,
        label: plain('More steps', LIMITS.inputLabel),
        hint: plain('One after the other, with an empty line between them.', LIMITS.inputHint),
        element: {
          type: 'plain_text_input',
          action_id: EDIT.action,
          multiline: true,
          max_length: LIMITS.plainTextInputMax,
        },
      },
    ],
  };
  const fits =
    view.blocks.length <= LIMITS.viewBlocks && Buffer.byteLength(JSON.stringify(view)) < LIMITS.viewBytes;
  return fits ? view : undefined;
}

function stepField(step: PlanStep, index: number): KnownBlock {
  const text = stepText(step);
  const label = `Step ${index + 1}`;
  if (text.length > LIMITS.plainTextInputMax) {
    return context(`${label} is too long for a form, and stays as it is.`);
  }
  return {
    type: 'input',
    block_id: `${EDIT.step}${index}`,
    optional: true,
    label: plain(label, LIMITS.inputLabel),
    element: {
      type: 'plain_text_input',
      action_id: EDIT.action,
      multiline: true,
      initial_value: text,
      max_length: LIMITS.plainTextInputMax,
    },
  };
}

function stepText({ title, detail }: PlanStep): string {
  return detail === '' ? title : `${title}\n${detail}`;
}

/** The steps as they stand in a submitted form; a step that it has no field for stays. `values` is Slack's `state.values`. */
export function stepsIn(
  plan: Plan,
  values: Record<string, Record<string, { value?: string | null }>>,
): PlanStep[] {
  const textOf = (block: string) => values[block]?.[EDIT.action];
  const kept = plan.steps.flatMap((step, index) => {
    const field = textOf(`${EDIT.step}${index}`);
    if (!field) return [step];
    return field.value === stepText(step) ? [step] : stepsOf(field.value ?? '', false);
  });
  return [...kept, ...stepsOf(textOf(EDIT.more)?.value ?? '', true)];
}

function stepsOf(text: string, many: boolean): PlanStep[] {
  return (many ? text.split(/\n[ \t]*\n/) : [text]).flatMap((part) => {
    const [title = '', ...rest] = part.trim().split('\n');
    return title.trim() === '' ? [] : [{ title: title.trim(), detail: rest.join('\n').trim() }];
  });
}

interface Wording {
  callbackId: string;
  title: string;
  submit: string;
  label: string;
  hint: string;
  optional: boolean;
}

function answerModal(about: ModalContext, wording: Wording): ModalView {
  return {
    type: 'modal',
    callback_id: wording.callbackId,
    private_metadata: JSON.stringify({ value: encodeRef(about.ref), channel: about.channel }),
    title: plain(wording.title, LIMITS.viewTitle),
    submit: plain(wording.submit, LIMITS.viewSubmit),
    close: plain('Back', LIMITS.viewClose),
    blocks: [
      {
        type: 'input',
        block_id: ANSWER.block,
        optional: wording.optional,
        label: plain(wording.label, LIMITS.inputLabel),
        hint: plain(wording.hint, LIMITS.inputHint),
        element: {
          type: 'plain_text_input',
          action_id: ANSWER.action,
          multiline: true,
          max_length: LIMITS.plainTextInputMax,
          focus_on_load: true,
        },
      },
    ],
  };
}
