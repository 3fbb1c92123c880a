import { editedPlan } from '../../../core/approval.js';
import { EDIT } from '../../blocks/ids.js';
import { stepsIn } from '../../blocks/modals.js';
import type { ListenerContext } from '../../ports.js';
import { ANSWER_NOT_CONFIRMED } from '../answers.js';
import { submission } from './submission.js';

/** A submitted edit of a plan's steps. */
export function submitEdit(context: ListenerContext) {
  return submission(context, EDIT.more, async (values, ref) => {
    const planned = await context.planOf(ref.run, ref.digest);
    if (!planned) return ANSWER_NOT_CONFIRMED;
    const steps = stepsIn(planned.plan, values);
    const edited = editedPlan(planned.plan, steps);
    return 'wrong' in edited ? `This can't be saved: ${edited.wrong}.` : { kind: 'edit', note: '', steps };
  });
}
