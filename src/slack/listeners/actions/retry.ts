import type { AllMiddlewareArgs, BlockButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { samePerson } from '../../../approval/person.js';
import type { RunInput } from '../../../run/run.js';
import { decodeRetry } from '../../messages/kit/ids.js';
import { isApprover } from '../../permissions/permissions.js';
import type { ListenerContext } from '../context.js';
import { personOf } from '../person.js';
import { CLICK_NOT_CONFIRMED, tellFirst } from '../refusals.js';

type Args = SlackActionMiddlewareArgs<BlockButtonAction> & AllMiddlewareArgs;

const ANSWERS = {
  started: 'Trying again, from the step that failed.',
  'not-allowed': 'Only the person who asked, and those who may approve, can retry this run.',
  stale: 'This was retried already, or is too old to go on. Start again with `/agent`.',
};

/** `Retry` on a failed run: it goes on from the step that failed. */
export function retry(context: ListenerContext) {
  const { runs, log, homeTeam } = context;
  return async ({ ack, action, body, respond }: Args): Promise<void> => {
    const ref = decodeRetry(action.value);
    if (!ref) {
      await ack();
      return;
    }
    const by = personOf(body, homeTeam);
    let text: string | undefined;
    try {
      const allowed = async ({ requester, policy }: RunInput) =>
        samePerson(requester, by) || (await isApprover(context, policy, requester, by));
      const came = await runs.retry(ref.run, ref.attempt, allowed, by);
      if (came === 'not-allowed') {
        context.recordRefused(ref.run, { by, reason: 'cannot-retry', once: action.action_ts });
      }
      text = ANSWERS[came];
    } catch (error) {
      log.warn({ run: ref.run, err: error }, 'A retry could not be confirmed');
      await tellFirst(respond, CLICK_NOT_CONFIRMED);
    }
    await ack();
    if (text) await respond({ text, response_type: 'ephemeral', replace_original: false });
  };
}
