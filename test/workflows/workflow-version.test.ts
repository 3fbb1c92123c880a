import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startOptions } from '../../src/temporal/start-options.js';
import {
  requireVersion,
  WORKFLOW_VERSION,
  withVersion,
} from '../../src/workflows/runtime/workflow-version.js';
import { runInput } from '../support/samples.js';

describe('the version of a run', () => {
  const range = { oldest: 3, newest: 5 };
  const refused = { code: 'OtherWorkflowVersion' };

  it('decides which code carries it on', () => {
    for (const version of [3, 4, 5, undefined]) requireVersion(version, range);
    for (const version of [0, 2, 6, Number.NaN]) {
      assert.throws(() => requireVersion(version, range), refused, `version ${version}`);
    }
    requireVersion(WORKFLOW_VERSION);
    assert.throws(() => requireVersion(WORKFLOW_VERSION + 1), {
      message: new RegExp(`needs version ${WORKFLOW_VERSION + 1} .* this worker has version.* start one`),
    });
  });

  it("is that of the service's workflow when it starts", () => {
    const [input] = startOptions(runInput(), 'queue').args;
    assert.equal(input.workflowVersion, WORKFLOW_VERSION);
  });

  it('goes up when a newer one continues or retries the run, and never down', () => {
    assert.equal(withVersion({ workflowVersion: 0 }).workflowVersion, WORKFLOW_VERSION);
    assert.equal(
      withVersion({ workflowVersion: WORKFLOW_VERSION + 1 }).workflowVersion,
      WORKFLOW_VERSION + 1,
    );
    const [retried] = startOptions(runInput({ workflowVersion: WORKFLOW_VERSION + 1 }), 'queue').args;
    assert.equal(retried.workflowVersion, WORKFLOW_VERSION + 1);
  });
});
