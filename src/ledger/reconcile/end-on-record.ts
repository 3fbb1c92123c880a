import { type Checkpoint, checkpoint } from '../../run/event.js';
import type { GoneOutcome, RunEnd } from '../../run/state.js';
import type { ExecutionEnd, RunSummary } from '../../run/summary.js';

/** An execution of a run's workflow, as Temporal describes it. */
export type Execution = Pick<RunSummary, 'executionId' | 'status' | 'closedAt'>;

/** Temporal's statuses of a closed execution. */
const OVER = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']);

const WHY: Record<string, GoneOutcome['why']> = {
  TIMED_OUT: 'timed-out',
  FAILED: 'failed',
};

/** True if a run's execution is closed, or Temporal doesn't know it. */
export function isOver(execution: Execution | undefined): boolean {
  return execution === undefined || OVER.has(execution.status);
}

/**
 * Makes the `ended` event of a run that could not write it: the run was ended from outside, or the ledger was away. Several processes
 * make the same event.
 *
 * @param run `sequence` is that of the run's last entry so far.
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
