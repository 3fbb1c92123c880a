import type { Button } from '@slack/types';
import { LIMITS } from '../limits.js';
import { ACTIONS } from './ids.js';
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
