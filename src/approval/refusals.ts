/** A person is told of so many refusals for one reason. */
const TOLD = 3;

/**
 * True if a refusal is answered and put on record: a person's first few for one reason, then the 10th, the 100th and so on. The others are only
 * counted, so that nobody can fill a run's history, its ledger or Slack with refused clicks. `before`: the count before several refusals at once.
 */
export function isReported(times: number, before = times - 1): boolean {
  return before < TOLD || String(times).length > String(before).length;
}

/** Number of refusals so far, for the record; unset for the first ones, each of which is recorded. */
export function oftenIn(times: number): { times?: number } {
  return times <= TOLD ? {} : { times };
}
