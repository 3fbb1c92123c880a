import type { AllMiddlewareArgs, BlockButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { decodeRef } from '../../blocks/ids.js';
import { changesModal, rejectModal } from '../../blocks/modals.js';
import type { ListenerContext } from '../../ports.js';
import { MODAL_NOT_OPENED } from '../answers.js';

type Args = SlackActionMiddlewareArgs<BlockButtonAction> & AllMiddlewareArgs;

/** `Reject` and `Request changes` ask for words first; nothing is decided until the modal is submitted. */
export function openModal({ log }: ListenerContext, kind: 'reject' | 'changes') {
  return async ({ ack, action, body, client, respond }: Args): Promise<void> => {
    await ack();
    const ref = decodeRef(action.value);
    if (!ref) return;
    const about = { ref, channel: body.channel?.id ?? body.container.channel_id ?? '' };
    const view = kind === 'reject' ? rejectModal(about) : changesModal(about);
    try {
      await client.views.open({ trigger_id: body.trigger_id, view });
    } catch (error) {
      log.warn({ run: ref.run, err: error }, 'A modal could not be opened');
      await respond({ text: MODAL_NOT_OPENED, response_type: 'ephemeral', replace_original: false });
    }
  };
}
