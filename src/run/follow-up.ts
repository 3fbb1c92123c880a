import { showHidden } from '../approval/hidden-text.js';
import { cut } from '../platform/cut.js';
import type { FollowUp } from './input.js';
import type { RunEnd } from './state.js';

/** Limit for the result that a follow-up run receives, in characters. Temporal stores it in the run's input. */
const RESULT_LIMIT = 30_000;

/**
 * Outcome of a run in Markdown, for a run that follows up on it. It claims nothing beyond the ledger.
 *
 * @param end Undefined when the ledger has no end of the run.
 * @param text Result that the run wrote.
 */
export function resultOf(end: RunEnd | undefined, text = ''): string {
  const parts = end?.state === 'completed' ? [text || end.result] : [endWords(end), text];
  const whole = parts.filter(Boolean).join('\n\n');
  if (whole.length <= RESULT_LIMIT) return whole;
  return `${cut(whole, RESULT_LIMIT)}\n\n(The rest of the result is left out here.)`;
}

/** A finished run for the model that follows up on it, with nothing hidden in its texts. */
export function visibleFollowUp({ shortId, goal, title, result }: FollowUp): FollowUp {
  return { shortId, goal: showHidden(goal), title: showHidden(title), result: showHidden(result) };
}

function endWords(end: Exclude<RunEnd, { state: 'completed' }> | undefined): string {
  switch (end?.state) {
    case 'rejected':
      return `The plan was rejected${end.decision.note ? `: ${end.decision.note}` : '.'}\nNothing was carried out.`;
    case 'expired':
      return 'Nobody decided about the plan in time. Nothing was carried out.';
    case 'cancelled':
      return `The run was stopped before it was done${end.why ? `: ${end.why}` : '.'}`;
    case 'failed':
      return `The run failed in its ${end.failure.step}: ${end.failure.message}`;
    default:
      return 'The run was ended from outside before it was done.';
  }
}
