import type { ViewSubmitAction } from '@slack/bolt';
import type { Decision } from '../../../approval/decision.js';
import { decide } from '../../../use-cases/decide.js';
import { type ButtonValue, decodeButton, parseObject, VIEWS } from '../../messages/kit/ids.js';
import {
  MODAL_IS_UNKNOWN,
  runIsOver,
  SUBMISSION_NOT_CONFIRMED,
} from '../../messages/refusals/refused-click.js';
import type { ListenerContext, Registration } from '../context.js';
import { readPerson } from '../person.js';

/** Slack's `state.values`. */
export type ModalValues = ViewSubmitAction['view']['state']['values'];

interface SubmissionDefinition {
  view: keyof typeof VIEWS;
  /** The block at which an error is shown. */
  field: string;
  /** The decision that the form holds, or why it can't be taken, in a sentence. */
  read(
    values: ModalValues,
    value: ButtonValue,
    context: ListenerContext,
  ): Promise<Pick<Decision, 'kind' | 'note' | 'steps'> | string>;
}

/** Defines a modal that decides: the decision is in Temporal before the modal closes. On an error the modal stays, with its text. */
export function submission({ view: name, field, read }: SubmissionDefinition): Registration {
  return (app, context) => {
    app.view({ type: 'view_submission', callback_id: VIEWS[name] }, async ({ ack, view, body }) => {
      const { value: json } = parseObject(view.private_metadata);
      const value = decodeButton(typeof json === 'string' ? json : undefined);
      const take = async (): Promise<string | undefined> => {
        if (!value) return MODAL_IS_UNKNOWN;
        const form = await read(view.state.values, value, context);
        if (typeof form === 'string') return form;
        const { request, revision, items } = value;
        const by = readPerson(body, context.home.team);
        const decision = { ...form, request, revision, items, by, at: new Date().toISOString() };
        return (await decide(context, value.run, decision)) ? undefined : runIsOver();
      };
      const problem = await take().catch((err: unknown) => {
        context.log.warn({ run: value?.run, err }, 'A submission could not be confirmed');
        return SUBMISSION_NOT_CONFIRMED;
      });
      await (problem === undefined
        ? ack()
        : ack({ response_action: 'errors', errors: { [field]: problem } }));
    });
  };
}
