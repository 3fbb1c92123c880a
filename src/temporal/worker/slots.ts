/** Limits for the work that one process does at once. Further work waits in its task queue on Temporal's server. */
export interface Slots {
  /** Posts, card updates, look-ups and ledger writes. */
  posts: number;
  modelCalls: number;
  /** Tool calls, and reads of threads. */
  toolCalls: number;
  /** Runs in memory, which take about 0.1 MB each. Beyond it the worker evicts the oldest, and replays them when needed. */
  workflows: number;
}

export const DEFAULT_SLOTS: Slots = { posts: 100, modelCalls: 100, toolCalls: 100, workflows: 500 };
