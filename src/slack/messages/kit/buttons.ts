import type { Button } from '@slack/types';
import { ACTIONS } from './ids.js';
import { LIMITS } from './limits.js';
import { plain } from './text.js';

/** Goes on from the step that failed. `attempt` is which of the run's attempts it was. */
export function retryButton(runId: string, attempt: string): Button {
  const value = JSON.stringify({ run: runId, attempt });
  return { type: 'button', action_id: ACTIONS.retry, text: plain('Retry', LIMITS.buttonText), value };
}

/** Tells a finished run's whole story. */
export function detailsButton(runId: string): Button {
  const value = JSON.stringify({ run: runId });
  return { type: 'button', action_id: ACTIONS.details, text: plain('Details', LIMITS.buttonText), value };
}

/** Leads to a card. */
export function openButton(label: string, url: string): Button {
  return { type: 'button', action_id: ACTIONS.openCard, text: plain(label, LIMITS.buttonText), url };
}

/** Ends a run that is being carried out, once the person has said so twice. */
export function stopButton(runId: string): Button {
  const value = JSON.stringify({ run: runId });
  return {
    type: 'button',
    action_id: ACTIONS.stop,
    style: 'danger',
    text: plain('Stop', LIMITS.buttonText),
    value,
    confirm: {
      title: plain('Stop this run?', LIMITS.confirmTitle),
      text: plain(
        'What is being done just now is broken off, and what has been done stays done. The thread says how far it came.',
        LIMITS.confirmText,
      ),
      confirm: plain('Stop the run', LIMITS.confirmButton),
      deny: plain('Let it go on', LIMITS.confirmButton),
      style: 'danger',
    },
  };
}
