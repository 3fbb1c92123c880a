import type { AllMiddlewareArgs, BlockButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';

type Args = SlackActionMiddlewareArgs<BlockButtonAction> & AllMiddlewareArgs;

/** `Cancel` under a schedule that was shown: there is nothing to undo. */
export function discardSchedule() {
  return async ({ ack, respond }: Args): Promise<void> => {
    await ack();
    await respond({ replace_original: true, text: 'Cancelled: no schedule was saved.' });
  };
}
