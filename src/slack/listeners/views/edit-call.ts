import type { ViewSubmitAction } from '@slack/bolt';
import type { Decision } from '../../../approval/decision.js';
import { withTimeout } from '../../../platform/with-timeout.js';
import { decide } from '../../../use-cases/act-on-run.js';
import { findCall } from '../../../use-cases/find-call.js';
import { ARGUMENT, type ButtonValue, decodeButton, parseObject, VIEWS } from '../../messages/kit/ids.js';
import {
  CALL_NOT_EDITED,
  DECISION_NOT_ALLOWED,
  editNotTaken,
  FORM_HAS_CHANGED,
  MODAL_IS_UNKNOWN,
  runIsOver,
  SUBMISSION_NOT_CONFIRMED,
  TOO_OFTEN,
} from '../../messages/refusals/refused-click.js';
import { type FormTexts, formOf, isFormOf, readForm } from '../../messages/request/form-fields.js';
import type { ListenerContext, Registration } from '../context.js';
import { beDurable } from '../in-time.js';
import { readPerson } from '../person.js';

/** Longest wait for the call and its schema's check, in milliseconds; Slack allows 3 s, and Temporal may take 2 s. */
const READ_WITHIN_MS = 800;

const NOT_TAKEN = { over: runIsOver(), refused: DECISION_NOT_ALLOWED, 'too-often': TOO_OFTEN };

type Values = ViewSubmitAction['view']['state']['values'];
type Edited = Pick<Decision, 'input'> | { errors: Record<string, string> };

/** The form in which a tool call is edited. The edit is in Temporal before it closes; after an error it stays, with its texts. */
export const editCallForm: Registration = (app, context) => {
  app.view({ type: 'view_submission', callback_id: VIEWS.editCall }, async ({ ack, view, body }) => {
    const { value: json, clickedOn } = parseObject(view.private_metadata);
    const value = decodeButton(typeof json === 'string' ? json : undefined);
    const [first = ARGUMENT.json] = Object.keys(view.state.values);
    const fail = (problem: string) => ({ [first]: problem });
    const take = async (): Promise<Record<string, string> | undefined> => {
      if (!value) return fail(MODAL_IS_UNKNOWN);
      const edited: Edited = await withTimeout(
        READ_WITHIN_MS,
        () => readEdit(view.state.values, value, context),
        () => ({ errors: fail(SUBMISSION_NOT_CONFIRMED) }),
      );
      if ('errors' in edited) return edited.errors;
      const { run, ...about } = value;
      const by = readPerson(body, context.home.team);
      const place = { clickedOn: String(clickedOn ?? ''), at: new Date().toISOString() };
      const { kind } = await decide(context, run, {
        ...about,
        ...place,
        ...edited,
        kind: 'edit',
        note: '',
        by,
      });
      return kind === 'taken' ? undefined : fail(NOT_TAKEN[kind]);
    };
    const errors = await beDurable(take).catch((err: unknown) => {
      context.log.warn({ run: value?.run, err }, 'A submission could not be confirmed');
      return fail(SUBMISSION_NOT_CONFIRMED);
    });
    if (errors === undefined) await ack();
    else await ack({ response_action: 'errors', errors });
  });
};

/** Reads the arguments from the form. The workflow checks them again. */
async function readEdit(values: Values, value: ButtonValue, context: ListenerContext): Promise<Edited> {
  const [first = ARGUMENT.json] = Object.keys(values);
  const call = await findCall(context.ledger, value);
  const form = call && formOf(call.input, context.tools.find(call.name)?.inputSchema);
  if (!form) return { errors: { [first]: SUBMISSION_NOT_CONFIRMED } };
  const texts = textsOf(values);
  if (!isFormOf(form, texts)) return { errors: { [first]: FORM_HAS_CHANGED } };
  const read = readForm(call.input, form, texts);
  if ('errors' in read) return read;
  if (JSON.stringify(read.input) === JSON.stringify(call.input))
    return { errors: { [first]: CALL_NOT_EDITED } };
  const problem = await context.tools.findInputProblem(call.name, read.input);
  return problem === undefined ? read : { errors: { [first]: editNotTaken(problem) } };
}

function textsOf(values: Values): FormTexts {
  const texts = Object.entries(values).map(([block, fields]) => {
    const field = fields[ARGUMENT.action];
    return [block, field?.value ?? field?.selected_option?.value];
  });
  return Object.fromEntries(texts);
}
