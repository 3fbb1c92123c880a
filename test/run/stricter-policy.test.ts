import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ApprovalPolicy } from '../../src/approval/policy.js';
import { DEFAULT_BUDGET } from '../../src/run/execution/budget.js';
import { asksOthers, stricterPolicy } from '../../src/run/stricter-policy.js';
import { policyWith } from '../support/samples.js';

describe('the policy of a request after the policy file was changed', () => {
  const escalate = (to: string) => ({ afterMs: 1, to: [to] });

  it('names whom the file names now', () => {
    const started = policyWith({ approvers: ['UBEN'], escalate: escalate('UDEV') });
    const now = policyWith({ approvers: ['UCHLOE'] });
    assert.deepEqual(stricterPolicy(started, now), now);
    assert.deepEqual(stricterPolicy(now, started), started);
    assert.ok(asksOthers(started, now));
  });

  it('is the run’s own where the file says the same, or governs the channel no more', () => {
    const started = policyWith({ approvers: ['UBEN', 'UCHLOE'], budget: { turns: 3 } });
    assert.equal(stricterPolicy(started, undefined), started);
    const reordered = policyWith({ approvers: ['UCHLOE', 'UBEN'], budget: { turns: 9 } });
    assert.ok(!asksOthers(started, stricterPolicy(started, reordered)));
  });

  it('is never weaker than either, value by value', () => {
    const policies: fc.Arbitrary<ApprovalPolicy> = fc
      .record({
        approvals: fc.integer({ min: 1, max: 3 }),
        requesterMayApprove: fc.boolean(),
        budget: fc.record({ turns: fc.integer({ min: 1, max: 99 }) }, { requiredKeys: [] }),
      })
      .map(({ budget, ...own }) =>
        policyWith({ ...own, ...(budget.turns && { budget: { turns: budget.turns } }) }),
      );
    const turns = ({ budget }: ApprovalPolicy) => budget?.turns ?? DEFAULT_BUDGET.turns;
    fc.assert(
      fc.property(policies, policies, (started, now) => {
        const policy = stricterPolicy(started, now);
        for (const each of [started, now]) {
          assert.ok(policy.approvals >= each.approvals);
          assert.ok(each.requesterMayApprove || !policy.requesterMayApprove);
          assert.ok(turns(policy) <= turns(each));
        }
      }),
    );
  });
});
