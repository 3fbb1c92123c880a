import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { ANSWER, decodeRef, parseObject } from '../../blocks/ids.js';
import type { ListenerContext } from '../../ports.js';
import { ANSWER_NOT_CONFIRMED, RUN_IS_OVER } from '../answers.js';
import { personOf } from '../person.js';

type Args = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;

/** A submitted reason or wish: in Temporal before the modal closes. On an error the modal stays, with the text in it. */
export function submitAnswer({ runs, log, homeTeam }: ListenerContext, kind: 'reject' | 'changes') {
  return async ({ ack, view, body }: Args): Promise<void> => {
    const { value } = parseObject(view.private_metadata);
    const ref = decodeRef(typeof value === 'string' ? value : undefined);
    const note = view.state.values[ANSWER.block]?.[ANSWER.action]?.value?.trim() ?? '';
    const refuse = (message: string) =>
      ack({ response_action: 'errors', errors: { [ANSWER.block]: message } });
    if (!ref) {
      await refuse('This form is not one of ours any more. Close it and click again.');
      return;
    }
    if (kind === 'changes' && note === '') {
      await refuse('Say what should change.');
      return;
    }
    const { request, revision, digest } = ref;
    const at = new Date().toISOString();
    try {
      const decision = { kind, request, revision, digest, by: personOf(body, homeTeam), note, at };
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
