import type { ModalView } from '@slack/types';
import { findPlan } from '../../../use-cases/read-story.js';
import { decodeButton } from '../../messages/kit/ids.js';
import { changesModal, editModal, type ModalContext, rejectModal } from '../../messages/plan/modals.js';
import { PLAN_NOT_READ, PLAN_TOO_LONG_TO_EDIT } from '../../messages/refusals/refused-click.js';
import type { ListenerContext, Registration } from '../context.js';
import { type Button, button } from './button.js';

/** Buttons that open a modal. Only its submission decides. */
export const modalButtons: Registration[] = [
  modalButton('reject', async (about) => rejectModal(about)),
  modalButton('changes', async (about) => changesModal(about)),
  modalButton('edit', async (about, { ledger }) => {
    const planned = await findPlan(ledger, about.button);
    return planned ? (editModal(about, planned.plan) ?? PLAN_TOO_LONG_TO_EDIT) : PLAN_NOT_READ;
  }),
];

/** `draw` returns the modal, or a text that says why there is none. */
function modalButton(
  action: Button<unknown>['action'],
  draw: (about: ModalContext, context: ListenerContext) => Promise<ModalView | string>,
): Registration {
  return button({
    action,
    decode: decodeButton,
    async run({ value, clickedOn, body, client, acknowledge }, context) {
      await acknowledge();
      const channel = body.channel?.id ?? body.container.channel_id ?? '';
      const view = await draw({ button: value, channel, clickedOn }, context);
      if (typeof view === 'string') return view;
      await client.views.open({ trigger_id: body.trigger_id, view });
      return undefined;
    },
  });
}
