import type { ModalView } from '@slack/types';
import type { Decision } from '../../../approval/decision.js';
import type { Person } from '../../../approval/person.js';
import { foreseeApprovers } from '../../../use-cases/foresee/foresee-approvers.js';
import { foreseeRefusal } from '../../../use-cases/foresee/foresee-refusal.js';
import { findOpenItem, findPlan } from '../../../use-cases/read-story.js';
import { type ButtonValue, decodeButton, decodeMenu, NOTE } from '../../messages/kit/ids.js';
import {
  changesModal,
  editModal,
  extendModal,
  type ModalContext,
  rejectModal,
  tooFewApproversText,
} from '../../messages/plan/modals.js';
import { PLAN_NOT_READ, PLAN_TOO_LONG_TO_EDIT, runIsOver } from '../../messages/refusals/refused-click.js';
import { refusedDecisionText } from '../../messages/refusals/refused-decision.js';
import type { ListenerContext, Registration } from '../context.js';
import { button, type Click } from './button.js';
import { openDetails } from './run.js';

/** Forms of a plan's card. Only a form's submission decides. A form that can't be drawn is a text that says why. */
const FORMS = {
  reject: async (about) => rejectModal(about),
  changes: async (about, context, by) =>
    changesModal({ ...about, warning: await findWarning(context, about, by) }),
  edit: async (about, context, by) => {
    const [planned, warning] = await Promise.all([
      findPlan(context.ledger, about.button),
      findWarning(context, about, by),
    ]);
    if (!planned) return PLAN_NOT_READ;
    return editModal({ ...about, warning }, planned.plan) ?? PLAN_TOO_LONG_TO_EDIT;
  },
  extend: async (about, context) => {
    const item = await findOpenItem(context.ledger, about.button);
    return item ? extendModal(about, item) : PLAN_NOT_READ;
  },
} satisfies Partial<Record<Decision['kind'], DrawForm>>;

type DrawForm = (about: ModalContext, context: ListenerContext, by: Person) => Promise<ModalView | string>;

/** Buttons and the menu of a plan that waits. */
export const modalButtons: Registration[] = [
  formButton('reject'),
  formButton('changes'),
  button({
    action: 'more',
    decode: decodeMenu,
    async run(click, context) {
      const { value } = click;
      if (value.choice === 'details') return () => openDetails({ ...click, value }, context);
      return () => openForm(value.choice, { ...click, value: value.about }, context);
    },
  }),
];

function formButton(kind: 'reject' | 'changes'): Registration {
  return button({
    action: kind,
    decode: decodeButton,
    run: async (click, context) => () => openForm(kind, click, context),
  });
}

/** Opens a form, with the note of the card in it. A person who may not decide is told so instead. */
async function openForm(
  kind: keyof typeof FORMS,
  { value, by, clickedOn, body, client }: Click<ButtonValue>,
  context: ListenerContext,
): Promise<string | undefined> {
  const { run, ...shown } = value;
  const note = body.state?.values[NOTE.block]?.[NOTE.action]?.value ?? '';
  const decision: Decision = { ...shown, kind, by, note, clickedOn, at: new Date().toISOString() };
  const channel = body.channel?.id ?? body.container.channel_id ?? '';
  const [refused, view] = await Promise.all([
    foreseeRefusal(context, run, decision),
    FORMS[kind]({ button: value, channel, clickedOn, note }, context, by),
  ]);
  if (refused?.kind === 'over') return runIsOver();
  if (refused) return refused.isTold ? refusedDecisionText({ decision, ...refused }) : undefined;
  if (typeof view === 'string') return view;
  await client.views.open({ trigger_id: body.trigger_id, view });
  return undefined;
}

/** Warns where too few others could approve a new revision. */
async function findWarning(
  context: ListenerContext,
  { button }: ModalContext,
  by: Person,
): Promise<string | undefined> {
  const foreseen = await foreseeApprovers(context, button, by);
  return foreseen && tooFewApproversText(foreseen);
}
