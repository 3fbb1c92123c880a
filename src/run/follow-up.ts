import type { RunEnd } from './state.js';

/** Longest result that goes along into a run that follows up on it, in characters: the input is kept in Temporal. */
const RESULT_LIMIT = 30_000;

/**
 * The outcome of a run in Markdown, so that a run which follows up on it is told no more than the truth.
 *
 * @param end Undefined where the ledger knows of no end.
 * @param text The result that the run wrote.
 */
export function resultOf(end: RunEnd | undefined, text = ''): string {
  const parts = end?.state === 'completed' ? [text || end.result] : [endWords(end), text];
  const whole = parts.filter(Boolean).join('\n\n');
  if (whole.length <= RESULT_LIMIT) return whole;
  const cut = whole.slice(0, RESULT_LIMIT).replace(/[\uD800-\uDBFF]$/, '');
  return `${cut}\n\n(The rest of the result is left out here.)`;
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
