import type { AllMiddlewareArgs, BlockButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { decodeRun } from '../../messages/kit/ids.js';
import { cancelRun } from '../commands/inspect.js';
import type { ListenerContext } from '../context.js';
import { personOf } from '../person.js';
import { CLICK_NOT_CONFIRMED, tellFirst } from '../refusals.js';

type Args = SlackActionMiddlewareArgs<BlockButtonAction> & AllMiddlewareArgs;

/** `Stop` on a run that is being carried out: what `/agent cancel` does, for the same people. */
export function stop(context: ListenerContext) {
  return async ({ ack, action, body, client, respond }: Args): Promise<void> => {
    const runId = decodeRun(action.value);
    if (!runId) {
      await ack();
      return;
    }
    let text: string | undefined;
    try {
      const by = personOf(body, context.homeTeam);
      text = await cancelRun(context, client, by, { runId, once: action.action_ts });
    } catch (error) {
      context.log.warn({ run: runId, err: error }, 'A stop could not be confirmed');
      await tellFirst(respond, CLICK_NOT_CONFIRMED);
    }
    await ack();
    if (text) await respond({ text, response_type: 'ephemeral', replace_original: false });
  };
}
