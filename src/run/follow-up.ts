import type { GoneOutcome, RunFailure, RunOutcome } from './run.js';

/** How a run ended, as the ledger has it; undefined where it knows of no end. */
export type Ended = RunOutcome | { state: 'failed'; failure: RunFailure } | GoneOutcome | undefined;

/** So much of a result goes along into a run that follows up on it, in characters: its input is kept in Temporal. */
const RESULT_LIMIT = 30_000;

/** What came of a run, in Markdown, so that one which follows up on it is told no more than the truth. `text`: what it wrote. */
export function resultOf(end: Ended, text = ''): string {
  const parts = end?.state === 'completed' ? [text || end.result] : [endWords(end), text];
  const whole = parts.filter(Boolean).join('\n\n');
  if (whole.length <= RESULT_LIMIT) return whole;
  const cut = whole.slice(0, RESULT_LIMIT).replace(/[\uD800-\uDBFF]$/, '');
  return `${cut}\n\n(The rest of the result is left out here.)`;
}

function endWords(end: Exclude<Ended, { state: 'completed' }>): string {
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
