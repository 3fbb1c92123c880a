import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApprovalPolicy } from '../../src/approval/policy.js';
import { type Involved, reachabilityOf } from '../../src/approval/possible-approvers.js';
import { ana, ben, chloe, policyWith } from '../support/samples.js';

describe('the people who are left to approve', () => {
  const escalate = { afterMs: 1, to: ['UDEV'] };
  const groups = { SREVIEW: ['UANA', 'UBEN', 'UCHLOE'] };
  const cases: [Partial<ApprovalPolicy>, Omit<Involved, 'requester'>, string][] = [
    [{ approvers: ['UBEN', 'UCHLOE'] }, { editors: [ben] }, 'at-once'],
    [{ approvers: ['UBEN', 'UCHLOE'], approvals: 2 }, { editors: [ben] }, 'never'],
    [{ approvers: ['UBEN', 'UCHLOE'], approvals: 2, escalate }, { editors: [ben] }, 'after-escalation'],
    [{ approvers: ['UBEN', 'UCHLOE'], approvals: 2, escalate }, { editors: [ben, chloe] }, 'never'],
    [{ approvers: ['SREVIEW'], approvals: 2 }, { groups }, 'at-once'],
    [{ approvers: ['SREVIEW'], approvals: 2 }, { groups, editors: [chloe] }, 'never'],
    [{ approvers: ['SREVIEW'], approvals: 2 }, { groups: { SREVIEW: null }, editors: [chloe] }, 'at-once'],
    [{ approvers: ['anyone'], approvals: 9 }, { editors: [ben] }, 'at-once'],
    [{ approvers: ['T1/UBEN', 'requester'] }, { editors: [ben] }, 'never'],
    [{ approvers: ['requester'], requesterMayApprove: true }, { editors: [ana] }, 'at-once'],
  ];
  for (const [own, involved, expected] of cases) {
    it(`are ${expected} enough: ${JSON.stringify([own, involved])}`, () => {
      const policy = policyWith({ requesterMayApprove: false, ...own });
      assert.equal(reachabilityOf(policy, { requester: ana, ...involved }), expected);
    });
  }
});
