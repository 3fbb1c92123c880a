import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import type { Decision } from '../../../approval/judge.js';
import { type ButtonRef, decodeRef, parseObject } from '../../messages/kit/ids.js';
import type { ListenerContext } from '../context.js';
import { personOf } from '../person.js';
import { ANSWER_NOT_CONFIRMED, RUN_IS_OVER } from '../refusals.js';

type Args = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;

/** What a form says, as Slack's `state.values`. */
export type Values = ViewSubmitAction['view']['state']['values'];

/**
 * A submitted form that decides something: in Temporal before the modal closes. On an error the modal stays, with the text in it.
 *
 * @param field The block at which an error is shown.
 * @param read What the form decides, or why it can't be taken, in a sentence.
 */
export function submission(
  { runs, log, homeTeam }: ListenerContext,
  field: string,
  read: (values: Values, ref: ButtonRef) => Promise<Pick<Decision, 'kind' | 'note' | 'steps'> | string>,
) {
  return async ({ ack, view, body }: Args): Promise<void> => {
    const { value } = parseObject(view.private_metadata);
    const ref = decodeRef(typeof value === 'string' ? value : undefined);
    const refuse = (message: string) => ack({ response_action: 'errors', errors: { [field]: message } });
    if (!ref) {
      await refuse('This form is not one of ours any more. Close it and click again.');
      return;
    }
    try {
      const said = await read(view.state.values, ref);
      if (typeof said === 'string') {
        await refuse(said);
        return;
      }
      const { request, revision, digest } = ref;
      const by = personOf(body, homeTeam);
      const decision = { ...said, request, revision, digest, by, at: new Date().toISOString() };
      if (!(await runs.decide(ref.run, decision))) {
        await refuse(RUN_IS_OVER);
        return;
      }
    } catch (error) {
      log.warn({ run: ref.run, err: error }, 'A submission could not be confirmed');
      await refuse(ANSWER_NOT_CONFIRMED);
      return;
    }
    await ack();
  };
}
