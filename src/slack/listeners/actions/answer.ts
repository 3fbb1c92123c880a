import type { AllMiddlewareArgs, BlockButtonAction, SlackActionMiddlewareArgs } from '@slack/bolt';
import { ANSWER, decodeQuestion } from '../../messages/kit/ids.js';
import type { ListenerContext } from '../context.js';
import { personOf } from '../person.js';
import { ANSWER_IS_EMPTY, CLICK_NOT_CONFIRMED, tellFirst } from '../refusals.js';
import { runIsOver } from '../run-is-over.js';

type Args = SlackActionMiddlewareArgs<BlockButtonAction> & AllMiddlewareArgs;

/** An option of a question, or `Answer` with words of one's own: in Temporal before it is acknowledged. */
export function answer(context: ListenerContext) {
  const { runs, log, homeTeam } = context;
  return async ({ ack, action, body, client, respond }: Args): Promise<void> => {
    const ref = decodeQuestion(action.value);
    if (!ref) {
      await ack();
      return;
    }
    const { run, question, option } = ref;
    const written = body.state?.values[ANSWER.block]?.[ANSWER.action]?.value?.trim() ?? '';
    const said = {
      question,
      by: personOf(body, homeTeam),
      text: option === undefined ? written : action.text.text,
      at: new Date().toISOString(),
      ...(option !== undefined && { option }),
    };
    let told: string | undefined;
    if (option === undefined && written === '') told = ANSWER_IS_EMPTY;
    else {
      try {
        if (!(await runs.answer(run, said))) told = await runIsOver(context, client, run);
      } catch (error) {
        log.warn({ run, err: error }, 'An answer could not be confirmed');
        told = CLICK_NOT_CONFIRMED;
      }
    }
    if (told) await tellFirst(respond, told);
    await ack();
  };
}
