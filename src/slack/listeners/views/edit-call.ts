import { findCall } from '../../../use-cases/find-call.js';
import { ARGUMENT, type ButtonValue } from '../../messages/kit/ids.js';
import {
  CALL_NOT_EDITED,
  editNotTaken,
  FORM_HAS_CHANGED,
  SUBMISSION_NOT_CONFIRMED,
} from '../../messages/refusals/refused-click.js';
import { type FormTexts, formOf, isFormOf, readForm } from '../../messages/request/form-fields.js';
import type { ListenerContext } from '../context.js';
import { decisionForm, type Form, type Values } from './decision-form.js';

/** The form in which a tool call is edited. */
export const editCallForm = decisionForm(
  'editCall',
  (values) => Object.keys(values)[0] ?? ARGUMENT.json,
  readEdit,
);

/** Reads the arguments from the form. The workflow checks them again. */
async function readEdit(values: Values, value: ButtonValue, context: ListenerContext): Promise<Form> {
  const call = await findCall(context.ledger, value);
  const form = call && formOf(call.input, await context.tools.schemaOf(call));
  if (!form) return SUBMISSION_NOT_CONFIRMED;
  const texts = textsOf(values);
  if (!isFormOf(form, texts)) return FORM_HAS_CHANGED;
  const read = readForm(call.input, form, texts);
  if ('errors' in read) return read;
  if (JSON.stringify(read.input) === JSON.stringify(call.input)) return CALL_NOT_EDITED;
  const problem = await context.tools.findInputProblem(call, read.input);
  return problem === undefined ? { kind: 'edit', note: '', ...read } : editNotTaken(problem);
}

function textsOf(values: Values): FormTexts {
  const texts = Object.entries(values).map(([block, fields]) => {
    const field = fields[ARGUMENT.action];
    return [block, field?.value ?? field?.selected_option?.value];
  });
  return Object.fromEntries(texts);
}
