import type { AllMiddlewareArgs, SlackViewMiddlewareArgs, ViewSubmitAction } from '@slack/bolt';
import { editedPlan } from '../../../core/approval.js';
import type { PlanRevision } from '../../../core/run.js';
import { decodeRef, EDIT, parseObject } from '../../blocks/ids.js';
import { stepsIn } from '../../blocks/modals.js';
import type { ListenerContext } from '../../ports.js';
import { ANSWER_NOT_CONFIRMED, RUN_IS_OVER } from '../answers.js';
import { personOf } from '../person.js';

type Args = SlackViewMiddlewareArgs<ViewSubmitAction> & AllMiddlewareArgs;

/** A submitted edit: in Temporal before the modal closes. On an error the modal stays, with the text in it. */
export function submitEdit({ runs, log, homeTeam, planOf }: ListenerContext) {
  return async ({ ack, view, body }: Args): Promise<void> => {
    const { value } = parseObject(view.private_metadata);
    const ref = decodeRef(typeof value === 'string' ? value : undefined);
    const refuse = (message: string) => ack({ response_action: 'errors', errors: { [EDIT.more]: message } });
    if (!ref) {
      await refuse('This form is not one of ours any more. Close it and click again.');
      return;
    }
    try {
      const planned: PlanRevision | undefined = await planOf(ref.run, ref.digest);
      if (!planned) {
        await refuse(ANSWER_NOT_CONFIRMED);
        return;
      }
      const steps = stepsIn(planned.plan, view.state.values);
      const edited = editedPlan(planned.plan, steps);
      if ('wrong' in edited) {
        await refuse(`This can't be saved: ${edited.wrong}.`);
        return;
      }
      const { request, revision, digest } = ref;
      const by = personOf(body, homeTeam);
      const at = new Date().toISOString();
      const decision = { kind: 'edit' as const, request, revision, digest, by, note: '', at, steps };
      if (!(await runs.decide(ref.run, decision))) {
        await refuse(RUN_IS_OVER);
        return;
      }
    } catch (error) {
      log.warn({ run: ref.run, err: error }, 'An edit could not be confirmed');
      await refuse(ANSWER_NOT_CONFIRMED);
      return;
    }
    await ack();
  };
}
