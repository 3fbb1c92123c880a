import type { ModalView } from '@slack/types';
import type { Person } from '../../../approval/person.js';
import { foreseeApprovers } from '../../../use-cases/foresee-approvers.js';
import { findPlan } from '../../../use-cases/read-story.js';
import { decodeButton } from '../../messages/kit/ids.js';
import {
  changesModal,
  editModal,
  type ModalContext,
  rejectModal,
  tooFewApproversText,
} from '../../messages/plan/modals.js';
import { PLAN_NOT_READ, PLAN_TOO_LONG_TO_EDIT } from '../../messages/refusals/refused-click.js';
import type { ListenerContext, Registration } from '../context.js';
import { type Button, button } from './button.js';

/** Buttons that open a modal. Only its submission decides. */
export const modalButtons: Registration[] = [
  modalButton('reject', async (about) => rejectModal(about)),
  modalButton('changes', async (about, context, by) =>
    changesModal({ ...about, warning: await findWarning(context, about, by) }),
  ),
  modalButton('edit', async (about, context, by) => {
    const [planned, warning] = await Promise.all([
      findPlan(context.ledger, about.button),
      findWarning(context, about, by),
    ]);
    if (!planned) return PLAN_NOT_READ;
    return editModal({ ...about, warning }, planned.plan) ?? PLAN_TOO_LONG_TO_EDIT;
  }),
];

/** Warns where too few others could approve a new revision. */
async function findWarning(
  context: ListenerContext,
  { button }: ModalContext,
  by: Person,
): Promise<string | undefined> {
  const foreseen = await foreseeApprovers(context, button, by);
  return foreseen && tooFewApproversText(foreseen);
}

/** `draw` returns the modal, or a text that says why there is none. */
function modalButton(
  action: Button<unknown>['action'],
  draw: (about: ModalContext, context: ListenerContext, by: Person) => Promise<ModalView | string>,
): Registration {
  return button({
    action,
    decode: decodeButton,
    run:
      async ({ value, by, clickedOn, body, client }, context) =>
      async () => {
        const channel = body.channel?.id ?? body.container.channel_id ?? '';
        const view = await draw({ button: value, channel, clickedOn }, context, by);
        if (typeof view === 'string') return view;
        await client.views.open({ trigger_id: body.trigger_id, view });
        return undefined;
      },
  });
}
