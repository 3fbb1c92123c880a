import { type Checkpoint, checkpoint } from '../../run/event.js';
import type { GoneOutcome, RunEnd } from '../../run/state.js';
import type { ExecutionEnd, RunSummary } from '../../run/summary.js';

/** An execution of a run's workflow, as Temporal has it. */
export type Execution = Pick<RunSummary, 'executionId' | 'status' | 'closedAt'>;

/** Temporal's words for a run that goes on no more. */
const OVER = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']);

const WHY: Record<string, GoneOutcome['why']> = {
  TIMED_OUT: 'timed-out',
  FAILED: 'failed',
};

/** A run is over when its execution is, or when Temporal doesn't know it. */
export function isOver(execution: Execution | undefined): boolean {
  return execution === undefined || OVER.has(execution.status);
}

/**
 * Event of an end that the run itself could not write: it was ended from outside, or the ledger was away just then. Several processes come
 * to the same one.
 *
 * @param run `sequence`: of the run's last entry so far.
 */
export async function endFor(
  runs: { end(shortId: string): Promise<ExecutionEnd> },
  execution: Execution | undefined,
  { shortId, sequence }: { shortId: string; sequence: number },
): Promise<Checkpoint> {
  const ended = (key: string, data: RunEnd) =>
    checkpoint({ kind: 'ended', data }, { shortId, key, at: execution?.closedAt });
  if (!execution) return ended(`gone/after-${sequence}`, { state: 'gone', why: 'unknown' });
  const { executionId, status } = execution;
  const end = status === 'TERMINATED' ? undefined : await runs.end(shortId);
  if (end?.kind === 'outcome') return ended(`end/${executionId}`, end.outcome);
  if (end?.kind === 'failed') {
    return ended(`end/${executionId}`, { state: 'failed', failure: end.failure });
  }
  return ended(`gone/${executionId}`, { state: 'gone', why: WHY[status] ?? 'terminated' });
}
