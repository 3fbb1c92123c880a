import type { KnownBlock, ModalView } from '@slack/types';
import type { PlanStep } from '../../../approval/decision.js';
import type { Plan } from '../../../run/plan.js';
import { context, textField } from '../kit/blocks.js';
import { ANSWER, type ButtonValue, EDIT, encodeButton, VIEWS } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { plain } from '../kit/text.js';

/** State that a modal keeps while a person types: the clicked button, its card's channel, and the place of the click as in a `Decision`. */
export interface ModalContext {
  button: ButtonValue;
  channel: string;
  clickedOn?: string;
}

/** A modal whose submission is a decision. */
function decisionModal(
  { button, channel, clickedOn }: ModalContext,
  view: { callbackId: string; title: string; submit: string; blocks: KnownBlock[] },
): ModalView {
  return {
    type: 'modal',
    callback_id: view.callbackId,
    private_metadata: JSON.stringify({ value: encodeButton(button), channel, clickedOn }),
    title: plain(view.title, LIMITS.viewTitle),
    submit: plain(view.submit, LIMITS.viewSubmit),
    close: plain('Back', LIMITS.viewClose),
    blocks: view.blocks,
  };
}

export function rejectModal(about: ModalContext): ModalView {
  const hint = 'The requester and the thread see it. It may stay empty.';
  const title = 'Reject the plan';
  const blocks = [textField(ANSWER, 'Reason', { hint, focus_on_load: true })];
  return decisionModal(about, { callbackId: VIEWS.reject, title, submit: 'Reject', blocks });
}

export function changesModal(about: ModalContext): ModalView {
  const hint = 'A new revision of the plan follows, and this one can no longer be approved.';
  const title = 'Request changes';
  const options = { hint, optional: false, focus_on_load: true };
  const blocks = [textField(ANSWER, 'What should change?', options)];
  return decisionModal(about, { callbackId: VIEWS.changes, title, submit: title, blocks });
}

/**
 * Modal with one field for each step of a plan; a field's first line is the step's title. An emptied field removes its step, and the last
 * field takes new steps. Undefined for a plan that exceeds Slack's limits.
 */
export function editModal(about: ModalContext, plan: Plan): ModalView | undefined {
  const view = decisionModal(about, {
    callbackId: VIEWS.edit,
    title: 'Edit plan',
    submit: 'Save as a revision',
    blocks: [
      context(
        'Your edit becomes a new revision, which needs its own approval: saving it approves nothing. Where the requester may not approve, nor may who edited. In each field the first line is the step’s title; an emptied field removes its step.',
      ),
      ...plan.steps.map(stepField),
      textField({ block: EDIT.more, action: EDIT.action }, 'More steps', {
        hint: 'One after the other, with an empty line between them.',
      }),
    ],
  });
  const isTaken =
    view.blocks.length <= LIMITS.viewBlocks && Buffer.byteLength(JSON.stringify(view)) < LIMITS.viewBytes;
  return isTaken ? view : undefined;
}

function stepField(step: PlanStep, index: number): KnownBlock {
  const value = stepText(step);
  const label = `Step ${index + 1}`;
  return value.length > LIMITS.plainTextInputMax
    ? context(`${label} is too long for a form, and stays as it is.`)
    : textField({ block: `${EDIT.step}${index}`, action: EDIT.action }, label, { initial_value: value });
}

function stepText({ title, detail }: PlanStep): string {
  return detail === '' ? title : `${title}\n${detail}`;
}

/** Reads the steps from a submitted modal. A step without a field stays. `values` is Slack's `state.values`. */
export function readSteps(
  plan: Plan,
  values: Record<string, Record<string, { value?: string | null }>>,
): PlanStep[] {
  const fieldOf = (block: string) => values[block]?.[EDIT.action];
  const kept = plan.steps.flatMap((step, index) => {
    const field = fieldOf(`${EDIT.step}${index}`);
    return !field || field.value === stepText(step) ? [step] : parseSteps([field.value ?? '']);
  });
  return [...kept, ...parseSteps((fieldOf(EDIT.more)?.value ?? '').split(/\n[ \t]*\n/))];
}

function parseSteps(texts: string[]): PlanStep[] {
  return texts.flatMap((text) => {
    const [title = '', ...rest] = text.trim().split('\n');
    return title.trim() === '' ? [] : [{ title: title.trim(), detail: rest.join('\n').trim() }];
  });
}
