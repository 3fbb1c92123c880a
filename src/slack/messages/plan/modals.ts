import type { KnownBlock, ModalView } from '@slack/types';
import type { PlanStep } from '../../../approval/decision.js';
import type { ApprovalPolicy } from '../../../approval/policy.js';
import type { Plan } from '../../../run/plan.js';
import { context, line, radioField, textField } from '../kit/blocks.js';
import { ANSWER, type ButtonValue, EDIT, EXTENSION, encodeButton, VIEWS } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { approverMention, count, deadline, joinMentions, plain } from '../kit/text.js';

/** State that a modal keeps while a person types: the clicked button, its card's channel, and the place of the click as in a `Decision`. */
export interface ModalContext {
  button: ButtonValue;
  channel: string;
  clickedOn?: string;
  /** Text that the person has typed into the card's note. */
  note?: string;
  /** Warning that too few others could approve a new revision, as mrkdwn; unset where enough can. */
  warning?: string | undefined;
}

/** Says before a change is sent that too few others could approve the new revision. */
export function tooFewApproversText({
  policy: { approvals, escalate },
  left,
  escalates,
}: {
  policy: ApprovalPolicy;
  left: number;
  escalates: boolean;
}): string {
  const others = left === 0 ? 'nobody else' : left === 1 ? 'only one other person' : `only ${left} others`;
  const needs = `It needs ${count(approvals, 'approval')}, and ${others} can approve it.`;
  const asked = joinMentions((escalate?.to ?? []).map((name) => approverMention(name, '')));
  const next = escalates
    ? `If you send this, ${asked} can approve, too.`
    : 'If you send this, the run ends. Ask somebody else to request the change, or reject the plan.';
  return `:warning: If you change the plan, you can't approve it. ${needs} ${next}`;
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
    close: plain('Cancel', LIMITS.viewClose),
    blocks: view.blocks,
  };
}

export function rejectModal(about: ModalContext): ModalView {
  const hint = 'Everybody who sees the card can read it.';
  const title = 'Reject the plan';
  const blocks = [textField(ANSWER, 'Reason', { hint, ...ownWords(about) })];
  return decisionModal(about, { callbackId: VIEWS.reject, title, submit: 'Reject', blocks });
}

export function changesModal(about: ModalContext): ModalView {
  const hint = 'I write a new revision, and this one can no longer be approved.';
  const title = 'Request changes';
  const options = { hint, optional: false, ...ownWords(about) };
  const blocks = [...warningBlocks(about), textField(ANSWER, 'What should change?', options)];
  return decisionModal(about, { callbackId: VIEWS.changes, title, submit: title, blocks });
}

/** Field that takes the person's text, and begins with their note of the card. */
function ownWords({ note = '' }: ModalContext) {
  return { focus_on_load: true, ...(note !== '' && { initial_value: note }) };
}

const HOUR_MS = 3_600_000;

/** Offered extensions, in milliseconds. */
const EXTENSIONS: [label: string, ms: number][] = [
  ['4 more hours', 4 * HOUR_MS],
  ['1 more day', 24 * HOUR_MS],
  ['3 more days', 72 * HOUR_MS],
  ['1 more week', 168 * HOUR_MS],
];

/** Modal that asks how much longer a plan waits. Its choices are moments, so a second submission changes nothing. */
export function extendModal(about: ModalContext, { expiresAt }: { expiresAt: string }): ModalView {
  const choices = EXTENSIONS.map(([label, ms]): [string, string] => {
    return [label, new Date(Date.parse(expiresAt) + ms).toISOString()];
  });
  const dates = choices.map(([label, until]) => `• ${label}: until ${deadline(until)}`);
  return decisionModal(about, {
    callbackId: VIEWS.extend,
    title: 'Extend',
    submit: 'Extend',
    blocks: [
      line([`People can decide until *${deadline(expiresAt)}*. Make it:`, ...dates].join('\n')),
      radioField(EXTENSION, 'How much longer?', choices),
    ],
  });
}

function warningBlocks({ warning }: ModalContext): KnownBlock[] {
  return warning === undefined ? [] : [line(warning)];
}

/**
 * Modal with one field for each step of a plan; a field's first line is the step's title. An emptied field removes its step, and the last
 * field takes new steps. Undefined for a plan that exceeds Slack's limits.
 */
export function editModal(about: ModalContext, plan: Plan): ModalView | undefined {
  const view = decisionModal(about, {
    callbackId: VIEWS.edit,
    title: 'Edit plan',
    submit: 'Save new revision',
    blocks: [
      ...warningBlocks(about),
      context(
        "Saving makes a new revision, which needs its own approval. The first line of a field is the step's title. Empty a field to remove its step.",
      ),
      ...plan.steps.map(stepField),
      textField({ block: EDIT.more, action: EDIT.action }, 'More steps', {
        hint: 'Put an empty line between two steps.',
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
    ? context(`${label} is too long for this form, and stays as it is.`)
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
