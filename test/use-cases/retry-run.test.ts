import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApprovalPolicy } from '../../src/approval/policy.js';
import type { RunInput } from '../../src/run/input.js';
import { retryRun } from '../../src/use-cases/act-on-run.js';
import type { UseCasePorts } from '../../src/use-cases/ports.js';
import { ana, ben, chloe, policyWith, runInput } from '../support/samples.js';

describe('who may retry a failed run', () => {
  const started = policyWith({ approvers: [ben.user] });

  async function retry(by: typeof ben, now: ApprovalPolicy, wasEscalated = false): Promise<string> {
    const input = runInput({ policy: started, ...(wasEscalated && { resume: { wasEscalated } }) });
    const runs = {
      retry: async (_run: string, _execution: string, mayRetry: (input: RunInput) => Promise<boolean>) =>
        (await mayRetry(input)) ? 'started' : 'not-allowed',
    };
    const ports = {
      ...{ runs, policyFor: () => now, home: { team: 'T1' }, refusals: { refused() {} } },
      policies: { default: now, channels: {} },
      directory: { isFullMember: async () => true, person: async () => ({ teams: ['T1'] }) },
    };
    const action = { shortId: input.shortId, by, once: '1' };
    return (await retryRun(ports as unknown as UseCasePorts, 'e', action)).kind;
  }

  it('are the approvers by the policy file of now, and who asked', async () => {
    const now = policyWith({ approvers: [chloe.user] });
    assert.equal(await retry(ben, now), 'not-allowed');
    assert.equal(await retry(chloe, now), 'started');
    assert.equal(await retry(ana, now), 'started');
    assert.equal(await retry(ben, started), 'started');
  });

  it('are those too to whom the run was escalated', async () => {
    const now = policyWith({ approvers: [ben.user], escalate: { afterMs: 1, to: [chloe.user] } });
    assert.equal(await retry(chloe, now), 'not-allowed');
    assert.equal(await retry(chloe, now, true), 'started');
  });
});
