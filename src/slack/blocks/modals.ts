import type { ModalView } from '@slack/types';
import { LIMITS } from '../limits.js';
import { ANSWER, type ButtonRef, encodeRef, VIEWS } from './ids.js';
import { plain } from './text.js';

/** What a modal keeps while a person types: which plan it is about, and where its card stands. */
export interface ModalContext {
  ref: ButtonRef;
  channel: string;
}

export function rejectModal(about: ModalContext): ModalView {
  return answerModal(about, {
    callbackId: VIEWS.reject,
    title: 'Reject the plan',
    submit: 'Reject',
    label: 'Reason',
    hint: 'The requester and the thread see it. It may stay empty.',
    optional: true,
  });
}

export function changesModal(about: ModalContext): ModalView {
  return answerModal(about, {
    callbackId: VIEWS.changes,
    title: 'Request changes',
    submit: 'Request changes',
    label: 'What should change?',
    hint: 'A new revision of the plan follows, and this one can no longer be approved.',
    optional: false,
  });
}

interface Wording {
  callbackId: string;
  title: string;
  submit: string;
  label: string;
  hint: string;
  optional: boolean;
}

function answerModal(about: ModalContext, wording: Wording): ModalView {
  return {
    type: 'modal',
    callback_id: wording.callbackId,
    private_metadata: JSON.stringify({ value: encodeRef(about.ref), channel: about.channel }),
    title: plain(wording.title, LIMITS.viewTitle),
    submit: plain(wording.submit, LIMITS.viewSubmit),
    close: plain('Back', LIMITS.viewClose),
    blocks: [
      {
        type: 'input',
        block_id: ANSWER.block,
        optional: wording.optional,
        label: plain(wording.label, LIMITS.inputLabel),
        hint: plain(wording.hint, LIMITS.inputHint),
        element: {
          type: 'plain_text_input',
          action_id: ANSWER.action,
          multiline: true,
          max_length: LIMITS.plainTextInputMax,
          focus_on_load: true,
        },
      },
    ],
  };
}
