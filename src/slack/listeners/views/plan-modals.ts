import { problemOfEdit } from '../../../approval/plan-edit.js';
import { findPlan } from '../../../use-cases/read-story.js';
import { ANSWER, EDIT } from '../../messages/kit/ids.js';
import { readSteps } from '../../messages/plan/modals.js';
import {
  CHANGES_ARE_EMPTY,
  editNotTaken,
  SUBMISSION_NOT_CONFIRMED,
} from '../../messages/refusals/refused-click.js';
import type { Registration } from '../context.js';
import { type ModalValues, submission } from './submission.js';

/** The modals of a plan's card. */
export const planModals: Registration[] = [
  submission({
    view: 'reject',
    field: ANSWER.block,
    read: async (values) => ({ kind: 'reject', note: readNote(values) }),
  }),
  submission({
    view: 'changes',
    field: ANSWER.block,
    async read(values) {
      const note = readNote(values);
      return note === '' ? CHANGES_ARE_EMPTY : { kind: 'changes', note };
    },
  }),
  submission({
    view: 'edit',
    field: EDIT.more,
    async read(values, { run, items }, { ledger }) {
      const planned = await findPlan(ledger, run, items[0]?.digest ?? '');
      if (!planned) return SUBMISSION_NOT_CONFIRMED;
      const steps = readSteps(planned.plan, values);
      const problem = problemOfEdit(planned.plan.steps, steps);
      return problem === undefined ? { kind: 'edit', note: '', steps } : editNotTaken(problem);
    },
  }),
];

function readNote(values: ModalValues): string {
  return values[ANSWER.block]?.[ANSWER.action]?.value?.trim() ?? '';
}
