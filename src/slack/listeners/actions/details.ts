import type { AllMiddlewareArgs, BlockButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { storyModal } from '../../messages/details/story.js';
import { decodeRun } from '../../messages/kit/ids.js';
import { maySee } from '../../permissions/permissions.js';
import type { ListenerContext } from '../context.js';
import { personOf } from '../person.js';
import { DETAILS_NOT_FOR_YOU, MODAL_NOT_OPENED } from '../refusals.js';

type Args = SlackActionMiddlewareArgs<BlockButtonAction> & AllMiddlewareArgs;

/** `Details` on a finished card: the run's whole story, out of the ledger, for those who may see it. */
export function details(context: ListenerContext) {
  return async ({ ack, action, body, client, respond }: Args): Promise<void> => {
    await ack();
    const run = decodeRun(action.value);
    if (!run) return;
    // App Home has no `response_url`; who sees the button there may see the story.
    const say = (text: string) =>
      body.channel && respond({ text, response_type: 'ephemeral', replace_original: false });
    try {
      const { entries, memo, head } = await context.storyOf(run);
      const by = personOf(body, context.homeTeam);
      if (!memo || !(await maySee(context, client, memo, by))) {
        context.recordRefused(run, { by, reason: 'cannot-see-details', once: action.action_ts });
        await say(DETAILS_NOT_FOR_YOU);
        return;
      }
      await client.views.open({ trigger_id: body.trigger_id, view: storyModal(run, entries, head) });
    } catch (error) {
      context.log.warn({ run, err: error }, 'The details could not be shown');
      await say(MODAL_NOT_OPENED);
    }
  };
}
