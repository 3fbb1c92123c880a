import type { Button, InputBlock } from '@slack/types';
import { button, textField } from './blocks.js';
import { ACTIONS, NOTE } from './ids.js';
import { LIMITS } from './limits.js';
import { plain } from './text.js';

/** Tries the step that failed again. `executionId` says which of the run's executions failed. */
export function retryButton(runId: string, executionId: string): Button {
  return button(ACTIONS.retry, 'Retry', { value: JSON.stringify({ run: runId, executionId }) });
}

/** Opens the whole story of a finished run. */
export function detailsButton(runId: string): Button {
  return button(ACTIONS.details, 'Details', { value: JSON.stringify({ run: runId }) });
}

/** Leads to a message. */
export function openButton(label: string, url: string): Button {
  return button(ACTIONS.openCard, label, { url });
}

/** Ends a run that is being carried out, once the person has said so twice. */
export function stopButton(runId: string): Button {
  return button(ACTIONS.stop, 'Stop', {
    style: 'danger',
    value: JSON.stringify({ run: runId }),
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
  });
}

/** The field for a note, above the buttons of a decision. */
export function noteField(label: string): InputBlock {
  return textField(NOTE, { label, multiline: false, maxLength: 1000 });
}
