import { CountersignError } from '../../platform/errors.js';

/**
 * Version of the workflow's code, and of the runs that begin under it. Each change of the commands, or of what a run hands on to its next
 * execution, raises it; a change behind `patched` too.
 */
export const WORKFLOW_VERSION = 1;

/** Versions of the runs that a worker carries on, both included. */
export interface VersionRange {
  /** Older runs are none of this code's: it has no `patched` branch for them. */
  oldest: number;
  newest: number;
}

const CARRIED_ON: VersionRange = { oldest: 1, newest: WORKFLOW_VERSION };

/**
 * Leaves a run of another version alone. Call it first in the workflow. The error fails the workflow task and not the run: Temporal offers the task
 * again until a worker of the run's version takes it. Any version takes a run without one: it was started by hand.
 *
 * @throws CountersignError with code `OtherWorkflowVersion`.
 */
export function requireVersion(version: number | undefined, range: VersionRange = CARRIED_ON): void {
  const { oldest, newest } = range;
  if (version === undefined || (version >= oldest && version <= newest)) return;
  const known = oldest === newest ? `version ${newest}` : `versions ${oldest} to ${newest}`;
  throw new CountersignError(
    'OtherWorkflowVersion',
    `This run needs version ${version} of the workflow, and this worker has ${known}. The run waits for a worker of its version: start one.`,
  );
}

/** Input for a further execution of a run. It never goes back to an older version: an older one may not read what a newer one left. */
export function withVersion<Input extends { workflowVersion?: number }>(input: Input): Input {
  return { ...input, workflowVersion: Math.max(input.workflowVersion ?? 0, WORKFLOW_VERSION) };
}
