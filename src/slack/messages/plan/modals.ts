import type { KnownBlock, ModalView } from '@slack/types';
import { textField } from '../kit/blocks.js';
import { ANSWER, type ButtonValue, encodeButton, VIEWS } from '../kit/ids.js';
import { LIMITS } from '../kit/limits.js';
import { plain } from '../kit/text.js';

/** A modal keeps it while a person types: the button that was clicked, and the channel of its card. */
export interface ModalContext {
  button: ButtonValue;
  channel: string;
}

export function rejectModal(about: ModalContext): ModalView {
  const field = textField(ANSWER, {
    label: 'Reason',
    hint: 'The requester and the thread see it. It may stay empty.',
    focused: true,
  });
  return decisionModal(about, {
    callbackId: VIEWS.reject,
    title: 'Reject the plan',
    submit: 'Reject',
    blocks: [field],
  });
}

export function changesModal(about: ModalContext): ModalView {
  const field = textField(ANSWER, {
    label: 'What should change?',
    hint: 'A new revision of the plan follows, and this one can no longer be approved.',
    optional: false,
    focused: true,
  });
  return decisionModal(about, {
    callbackId: VIEWS.changes,
    title: 'Request changes',
    submit: 'Request changes',
    blocks: [field],
  });
}

/** A modal whose submission is a decision. */
export function decisionModal(
  { button, channel }: ModalContext,
  view: { callbackId: string; title: string; submit: string; blocks: KnownBlock[] },
): ModalView {
  return {
    type: 'modal',
    callback_id: view.callbackId,
    private_metadata: JSON.stringify({ value: encodeButton(button), channel }),
    title: plain(view.title, LIMITS.viewTitle),
    submit: plain(view.submit, LIMITS.viewSubmit),
    close: plain('Back', LIMITS.viewClose),
    blocks: view.blocks,
  };
}
