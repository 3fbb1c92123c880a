import type { ViewSubmitAction } from '@slack/bolt';
import type { Decision } from '../../../approval/decision.js';
import { withTimeout } from '../../../platform/with-timeout.js';
import { decide } from '../../../use-cases/act-on-run.js';
import { type ButtonValue, decodeButton, parseObject, VIEWS } from '../../messages/kit/ids.js';
import {
  DECISION_NOT_ALLOWED,
  MODAL_IS_UNKNOWN,
  runIsOver,
  SUBMISSION_NOT_CONFIRMED,
  TOO_OFTEN,
} from '../../messages/refusals/refused-click.js';
import type { ListenerContext, Registration } from '../context.js';
import { beDurable } from '../in-time.js';
import { readPerson } from '../person.js';
import { asRunStep } from '../run-step.js';

/** Longest wait for what the form is about, in milliseconds; Slack allows 3 s, and Temporal may take 2 s. It was read when the form opened. */
const READ_WITHIN_MS = 800;

const NOT_TAKEN = { over: runIsOver(), refused: DECISION_NOT_ALLOWED, 'too-often': TOO_OFTEN };

export type Values = ViewSubmitAction['view']['state']['values'];

/** The decision that a form holds, or what is wrong with it: a text, or a text for each of some blocks. */
export type Form =
  | Pick<Decision, 'kind' | 'note' | 'steps' | 'until' | 'input'>
  | { errors: Record<string, string> }
  | string;

/**
 * Defines a form that decides. The decision is in Temporal before the form closes. After an error the form stays, with its texts.
 *
 * @param fieldOf Block that shows an error about no other block.
 * @param read Reads the decision from the form.
 */
export function decisionForm(
  view: Exclude<keyof typeof VIEWS, 'details'>,
  fieldOf: (values: Values) => string,
  read: (values: Values, value: ButtonValue, context: ListenerContext) => Promise<Form>,
): Registration {
  return (app, context) => {
    app.view({ type: 'view_submission', callback_id: VIEWS[view] }, async ({ ack, view, body }) => {
      const { value: json, clickedOn } = parseObject(view.private_metadata);
      const value = decodeButton(typeof json === 'string' ? json : undefined);
      const { values } = view.state;
      const take = async (): Promise<Record<string, string> | string | undefined> => {
        if (!value) return MODAL_IS_UNKNOWN;
        const form = await withTimeout(
          READ_WITHIN_MS,
          () => read(values, value, context),
          () => SUBMISSION_NOT_CONFIRMED,
        );
        if (typeof form === 'string') return form;
        if ('errors' in form) return form.errors;
        const { run, ...about } = value;
        const by = readPerson(body, context.home.team);
        const place = { clickedOn: String(clickedOn ?? '') };
        const decision = { ...about, ...form, ...place, by, at: new Date().toISOString() };
        const { kind } = await decide(context, run, decision);
        return kind === 'taken' ? undefined : NOT_TAKEN[kind];
      };
      const step = `submit ${view.callback_id}`;
      const problem = await asRunStep(step, value ?? {}, () => beDurable(take)).catch((err: unknown) => {
        context.log.warn({ run: value?.run, err }, 'A submission could not be confirmed');
        return SUBMISSION_NOT_CONFIRMED;
      });
      if (problem === undefined) return await ack();
      const errors = typeof problem === 'string' ? { [fieldOf(values)]: problem } : problem;
      await ack({ response_action: 'errors', errors });
    });
  };
}
