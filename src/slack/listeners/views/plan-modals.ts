import { problemOfEdit } from '../../../approval/plan-edit.js';
import { findPlan } from '../../../use-cases/read-story.js';
import { ANSWER, EDIT, EXTENSION } from '../../messages/kit/ids.js';
import { readSteps } from '../../messages/plan/modals.js';
import {
  CHANGES_ARE_EMPTY,
  EXTENSION_IS_EMPTY,
  editNotTaken,
  SUBMISSION_NOT_CONFIRMED,
} from '../../messages/refusals/refused-click.js';
import type { Registration } from '../context.js';
import { decisionForm, type Values } from './decision-form.js';

/** The forms of a plan's card. */
export const planModals: Registration[] = [
  decisionForm(
    'reject',
    () => ANSWER.block,
    async (values) => ({ kind: 'reject', note: readNote(values) }),
  ),
  decisionForm(
    'changes',
    () => ANSWER.block,
    async (values) => {
      const note = readNote(values);
      return note === '' ? CHANGES_ARE_EMPTY : { kind: 'changes', note };
    },
  ),
  decisionForm(
    'extend',
    () => EXTENSION.block,
    async (values) => {
      const until = values[EXTENSION.block]?.[EXTENSION.action]?.selected_option?.value;
      return until === undefined ? EXTENSION_IS_EMPTY : { kind: 'extend', note: '', until };
    },
  ),
  decisionForm(
    'edit',
    () => EDIT.more,
    async (values, value, { ledger }) => {
      const planned = await findPlan(ledger, value);
      if (!planned) return SUBMISSION_NOT_CONFIRMED;
      const steps = readSteps(planned.plan, values);
      const problem = problemOfEdit(planned.plan.steps, steps);
      return problem === undefined ? { kind: 'edit', note: '', steps } : editNotTaken(problem);
    },
  ),
];

function readNote(values: Values): string {
  return values[ANSWER.block]?.[ANSWER.action]?.value?.trim() ?? '';
}
