/** States of runs that are not over, as the table `runs` has them. */
export const OPEN_STATES = "('working', 'waiting', 'executing')";

/** Cards of runs without a change for this long are not repaired any more, in milliseconds. */
export const REPAIRED_FOR_MS = 90 * 86_400_000;

const named = (table: string) => [
  `CREATE TABLE ${table} (
    approver TEXT NOT NULL,
    run_id TEXT NOT NULL,
    requester TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    PRIMARY KEY (approver, run_id)
  )`,
  `CREATE INDEX ${table}_newest ON ${table} (approver, changed_at)`,
  `CREATE INDEX ${table}_by_run ON ${table} (run_id)`,
];

/**
 * Tables that are derived from the entries and can be rebuilt. `runs` has a view a run, `threads` the runs of each thread.
 * `open_requests` and `has_say` find runs by the ids in policies: runs that a person can decide, and runs in which they have a say.
 */
export const VIEWS: string[] = [
  `CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    view_version INTEGER NOT NULL,
    state TEXT NOT NULL,
    requester TEXT NOT NULL,
    channel TEXT NOT NULL,
    asking TEXT NOT NULL,
    expires_at TEXT,
    changed_at TEXT NOT NULL,
    unsettled INTEGER NOT NULL,
    view TEXT NOT NULL
  )`,
  'CREATE INDEX runs_by_version ON runs (view_version)',
  'CREATE INDEX runs_by_change ON runs (changed_at)',
  'CREATE INDEX runs_by_requester ON runs (requester, changed_at)',
  'CREATE INDEX runs_unsettled ON runs (changed_at) WHERE unsettled = 1',
  ...named('open_requests'),
  ...named('has_say'),
  `CREATE TABLE threads (
    channel TEXT NOT NULL,
    thread TEXT NOT NULL,
    run_id TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (channel, thread, run_id)
  )`,
  'CREATE INDEX threads_by_run ON threads (run_id)',
];
