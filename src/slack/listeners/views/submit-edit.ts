import { editedPlan } from '../../../approval/judge.js';
import { EDIT } from '../../messages/kit/ids.js';
import { stepsIn } from '../../messages/plan/modals.js';
import type { ListenerContext } from '../context.js';
import { ANSWER_NOT_CONFIRMED } from '../refusals.js';
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
