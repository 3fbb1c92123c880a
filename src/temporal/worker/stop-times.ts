/** Time for a whole stop, in milliseconds. Kubernetes waits as long by itself. */
export const DEFAULT_GRACE_MS = 30_000;

/** Time that a stop keeps for what follows the calls, in milliseconds: their cancellation, posts in flight, Slack's last events. */
const REST_MS = 12_000;

/** Longest times of a stop's steps, in milliseconds. */
export interface StopTimes {
  /** For calls to models and tools to end by themselves. Then they are cancelled. */
  callsMs: number;
  /** For posts and ledger writes to end by themselves. */
  postsMs: number;
  /** For work that was cancelled to end. Then it is given up. */
  cancelledMs: number;
}

/** Divides the time that a stop may take. A short one goes to calls for a half. */
export function stopTimesWithin(graceMs: number): StopTimes {
  const callsMs = Math.max(graceMs - REST_MS, graceMs / 2);
  const quarterMs = (graceMs - callsMs) / 4;
  return { callsMs, postsMs: quarterMs, cancelledMs: quarterMs };
}
