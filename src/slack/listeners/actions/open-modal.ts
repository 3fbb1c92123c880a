import type { AllMiddlewareArgs, BlockButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { decodeRef } from '../../messages/kit/ids.js';
import { changesModal, editModal, type ModalContext, rejectModal } from '../../messages/plan/modals.js';
import type { ListenerContext } from '../context.js';
import { EDIT_NOT_OPENED, EDIT_TOO_LONG, MODAL_NOT_OPENED } from '../refusals.js';

type Args = SlackActionMiddlewareArgs<BlockButtonAction> & AllMiddlewareArgs;

/** `Reject`, `Request changes` and `Edit plan` ask for words first; nothing is decided until the modal is submitted. */
export function openModal(context: ListenerContext, kind: 'reject' | 'changes' | 'edit') {
  return async ({ ack, action, body, client, respond }: Args): Promise<void> => {
    await ack();
    const ref = decodeRef(action.value);
    if (!ref) return;
    const say = (text: string) => respond({ text, response_type: 'ephemeral', replace_original: false });
    const about = { ref, channel: body.channel?.id ?? body.container.channel_id ?? '' };
    try {
      const view = await viewFor(context, kind, about);
      if (typeof view === 'string') await say(view);
      else await client.views.open({ trigger_id: body.trigger_id, view });
    } catch (error) {
      context.log.warn({ run: ref.run, err: error }, 'A modal could not be opened');
      await say(MODAL_NOT_OPENED);
    }
  };
}

/** The modal, or why there is none. */
async function viewFor(
  { planOf }: ListenerContext,
  kind: 'reject' | 'changes' | 'edit',
  about: ModalContext,
): Promise<ModalView | string> {
  if (kind === 'reject') return rejectModal(about);
  if (kind === 'changes') return changesModal(about);
  const planned = await planOf(about.ref.run, about.ref.digest);
  return planned ? (editModal(about, planned.plan) ?? EDIT_TOO_LONG) : EDIT_NOT_OPENED;
}
