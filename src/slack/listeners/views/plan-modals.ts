import type { ViewSubmitAction } from '@slack/bolt';
import type { Decision } from '../../../approval/decision.js';
import { problemOfEdit } from '../../../approval/plan-edit.js';
import { withTimeout } from '../../../platform/with-timeout.js';
import { decide } from '../../../use-cases/act-on-run.js';
import { findPlan } from '../../../use-cases/read-story.js';
import {
  ANSWER,
  type ButtonValue,
  decodeButton,
  EDIT,
  EXTENSION,
  parseObject,
  VIEWS,
} from '../../messages/kit/ids.js';
import { readSteps } from '../../messages/plan/modals.js';
import {
  CHANGES_ARE_EMPTY,
  DECISION_NOT_ALLOWED,
  EXTENSION_IS_EMPTY,
  editNotTaken,
  MODAL_IS_UNKNOWN,
  runIsOver,
  SUBMISSION_NOT_CONFIRMED,
  TOO_OFTEN,
} from '../../messages/refusals/refused-click.js';
import type { ListenerContext, Registration } from '../context.js';
import { beDurable } from '../in-time.js';
import { readPerson } from '../person.js';

/** Longest wait for the plan, in milliseconds; Slack allows 3 s, and Temporal may take 2 s. The plan was read when the modal opened. */
const READ_WITHIN_MS = 800;

const NOT_TAKEN = { over: runIsOver(), refused: DECISION_NOT_ALLOWED, 'too-often': TOO_OFTEN };

type Values = ViewSubmitAction['view']['state']['values'];
type Form = Pick<Decision, 'kind' | 'note' | 'steps' | 'until'>;

export const planModals: Registration[] = [
  planModal('reject', ANSWER.block, async (values) => ({ kind: 'reject', note: readNote(values) })),
  planModal('changes', ANSWER.block, async (values) => {
    const note = readNote(values);
    return note === '' ? CHANGES_ARE_EMPTY : { kind: 'changes', note };
  }),
  planModal('extend', EXTENSION.block, async (values) => {
    const until = values[EXTENSION.block]?.[EXTENSION.action]?.selected_option?.value;
    return until === undefined ? EXTENSION_IS_EMPTY : { kind: 'extend', note: '', until };
  }),
  planModal('edit', EDIT.more, async (values, value, { ledger }) => {
    const planned = await findPlan(ledger, value);
    if (!planned) return SUBMISSION_NOT_CONFIRMED;
    const steps = readSteps(planned.plan, values);
    const problem = problemOfEdit(planned.plan.steps, steps);
    return problem === undefined ? { kind: 'edit', note: '', steps } : editNotTaken(problem);
  }),
];

/**
 * Defines a modal that decides. The decision is in Temporal before the modal closes. After an error the modal stays, with its text.
 *
 * @param field Block that shows an error.
 * @param read Reads the decision from the modal, or returns an error text.
 */
function planModal(
  view: 'reject' | 'changes' | 'edit' | 'extend',
  field: string,
  read: (values: Values, value: ButtonValue, context: ListenerContext) => Promise<Form | string>,
): Registration {
  return (app, context) => {
    app.view({ type: 'view_submission', callback_id: VIEWS[view] }, async ({ ack, view, body }) => {
      const { value: json, clickedOn } = parseObject(view.private_metadata);
      const value = decodeButton(typeof json === 'string' ? json : undefined);
      const take = async (): Promise<string | undefined> => {
        if (!value) return MODAL_IS_UNKNOWN;
        const form = await withTimeout(
          READ_WITHIN_MS,
          () => read(view.state.values, value, context),
          () => SUBMISSION_NOT_CONFIRMED,
        );
        if (typeof form === 'string') return form;
        const { run, ...about } = value;
        const by = readPerson(body, context.home.team);
        const place = { clickedOn: String(clickedOn ?? '') };
        const decision = { ...about, ...form, ...place, by, at: new Date().toISOString() };
        const { kind } = await decide(context, run, decision);
        return kind === 'taken' ? undefined : NOT_TAKEN[kind];
      };
      const problem = await beDurable(take).catch((err: unknown) => {
        context.log.warn({ run: value?.run, err }, 'A submission could not be confirmed');
        return SUBMISSION_NOT_CONFIRMED;
      });
      if (problem === undefined) await ack();
      else await ack({ response_action: 'errors', errors: { [field]: problem } });
    });
  };
}

function readNote(values: Values): string {
  return values[ANSWER.block]?.[ANSWER.action]?.value?.trim() ?? '';
}
