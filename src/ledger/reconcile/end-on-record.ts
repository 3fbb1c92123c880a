import type { Checkpoint, GoneOutcome } from '../../run/run.js';
import type { RunListing, Runs } from '../../temporal/runs.js';
import type { LedgerEntry } from '../index.js';

/** Temporal's words for a run that goes on no more. */
const OVER = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']);

const WHY: Record<string, GoneOutcome['why']> = {
  TIMED_OUT: 'timed-out',
  FAILED: 'failed',
};

/** Whether a run is over, by what Temporal says of it; one that it doesn't know is, too. */
export function isOver(run: RunListing | undefined): boolean {
  return run === undefined || OVER.has(run.status);
}

/**
 * The entry of an end that the run itself could not write: it was ended from outside, or the ledger was away just then. `entries`
 * are those of the run so far. Several processes come to the same one.
 */
export async function endFor(
  runs: Pick<Runs, 'end'>,
  run: RunListing | undefined,
  entries: LedgerEntry[],
): Promise<Checkpoint> {
  const { runId = '', sequence = 0 } = entries.at(-1) ?? {};
  const entry = { runId, kind: 'ended' as const, at: (run?.closedAt ?? new Date()).toISOString() };
  if (!run) return { ...entry, key: `gone/after-${sequence}`, data: { state: 'gone', why: 'unknown' } };
  const end = run.status === 'TERMINATED' ? undefined : await runs.end(runId);
  if (end?.kind === 'outcome') return { ...entry, key: `end/${run.attempt}`, data: end.outcome };
  if (end?.kind === 'failed') {
    return { ...entry, key: `end/${run.attempt}`, data: { state: 'failed', failure: end.failure } };
  }
  const why = WHY[run.status] ?? 'terminated';
  return { ...entry, key: `gone/${run.attempt}`, data: { state: 'gone', why } };
}
