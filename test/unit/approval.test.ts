import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Decision } from '../../src/approval/decision.js';
import { parseDecision } from '../../src/approval/decision.js';
import type { ApprovalRequest } from '../../src/approval/judge.js';
import { judge } from '../../src/approval/judge.js';
import { mayApprove, policyFor } from '../../src/approval/policy.js';
import { ana, ben, chloe, decision, policyWith } from '../support/samples.js';

function requestUnder(own: Parameters<typeof policyWith>[0]): ApprovalRequest {
  return { id: 'request-1', revision: 1, digest: 'd'.repeat(64), requester: ana, policy: policyWith(own) };
}

function refusalOf(request: ApprovalRequest, votes: Decision[], given: Decision): string {
  const judgement = judge(request, votes, given);
  return judgement.accepted ? 'accepted' : judgement.refusal.reason;
}

describe('who may approve', () => {
  const rules = [
    { policy: {}, by: ana, may: true, why: 'the requester, without a policy' },
    { policy: {}, by: ben, may: false, why: 'nobody else, without a policy' },
    { policy: { approvers: ['anyone'] }, by: ben, may: true, why: 'anyone, where the policy says so' },
    { policy: { approvers: ['UBEN'] }, by: ben, may: true, why: 'a named user' },
    { policy: { approvers: ['UBEN'] }, by: chloe, may: false, why: 'not a user who is not named' },
    { policy: { approvers: ['UBEN'] }, by: ana, may: false, why: 'not the requester, when others are named' },
    {
      policy: { approvers: ['UBEN'] },
      by: { team: 'TOTHER', user: 'UBEN' },
      may: false,
      why: 'not a stranger with the same user id in another team',
    },
    {
      policy: { approvers: ['anyone'], requesterMayApprove: false },
      by: ana,
      may: false,
      why: 'not the requester under four eyes, whatever names them',
    },
  ];
  for (const { policy, by, may, why } of rules) {
    it(why, () => assert.equal(mayApprove(policyWith(policy), ana, by), may));
  }

  it('overrides the default in a channel, key by key', () => {
    const book = { default: policyWith({ approvals: 2 }), channels: { C1: { approvers: ['UBEN'] } } };
    assert.deepEqual(policyFor(book, 'C1'), policyWith({ approvals: 2, approvers: ['UBEN'] }));
    assert.deepEqual(policyFor(book, 'C2'), policyWith({ approvals: 2 }));
  });
});

describe('judging a click', () => {
  it('releases the run at the last approval that the policy asks for', () => {
    const request = requestUnder({ approvers: ['anyone'], approvals: 2 });
    const first = judge(request, [], decision({ by: ben }));
    assert.ok(first.accepted);
    assert.equal(first.verdict, undefined);
    const second = judge(request, first.votes, decision({ by: chloe }));
    assert.ok(second.accepted);
    assert.equal(second.verdict?.kind, 'approve');
    assert.deepEqual(
      second.verdict?.votes.map((vote) => vote.by),
      [ben, chloe],
    );
  });

  it('counts a person once', () => {
    const request = requestUnder({ approvers: ['anyone'], approvals: 2 });
    assert.equal(refusalOf(request, [decision({ by: ben })], decision({ by: ben })), 'already-voted');
  });

  it('ends the request at the first reject', () => {
    const request = requestUnder({ approvers: ['anyone'], approvals: 3 });
    const judgement = judge(
      request,
      [decision({ by: ben })],
      decision({ by: chloe, kind: 'reject', note: 'no' }),
    );
    assert.ok(judgement.accepted);
    assert.equal(judgement.verdict?.kind, 'reject');
  });

  it('lets the requester withdraw or change what only others may approve', () => {
    const request = requestUnder({ approvers: ['UBEN'] });
    assert.equal(refusalOf(request, [], decision({ kind: 'reject' })), 'accepted');
    assert.equal(refusalOf(request, [], decision({ kind: 'changes', note: 'shorter' })), 'accepted');
    assert.equal(refusalOf(request, [], decision()), 'not-an-approver');
  });

  const refused = [
    { given: { revision: 0 }, reason: 'stale-revision' },
    { given: { request: 'another' }, reason: 'other-request' },
    { given: { digest: 'e'.repeat(64) }, reason: 'wrong-digest' },
    { given: { by: ben }, reason: 'not-an-approver' },
  ];
  for (const { given, reason } of refused) {
    it(`refuses a click with ${JSON.stringify(given)}: ${reason}`, () => {
      assert.equal(refusalOf(requestUnder({}), [], decision(given)), reason);
    });
  }

  it('says four eyes to the requester who may not approve', () => {
    assert.equal(refusalOf(requestUnder({ requesterMayApprove: false }), [], decision()), 'four-eyes');
  });

  it('never releases what the policy forbids, whatever is clicked in whatever order', () => {
    const people = fc.constantFrom(ana, ben, chloe, { team: 'T2', user: 'UBEN' });
    const click = fc.record({
      by: people,
      kind: fc.constantFrom('approve' as const, 'reject' as const, 'changes' as const),
      revision: fc.integer({ min: 0, max: 2 }),
      digest: fc.constantFrom('d'.repeat(64), 'e'.repeat(64)),
    });
    const policy = fc.record({
      approvers: fc.subarray(['requester', 'anyone', 'UBEN', 'UCHLOE'], { minLength: 1 }),
      approvals: fc.integer({ min: 1, max: 3 }),
      requesterMayApprove: fc.boolean(),
    });
    fc.assert(
      fc.property(policy, fc.array(click, { maxLength: 12 }), (own, clicks) => {
        const request = requestUnder(own);
        let votes: Decision[] = [];
        for (const given of clicks) {
          const judgement = judge(request, votes, decision(given));
          if (!judgement.accepted) continue;
          votes = judgement.votes;
          if (judgement.verdict?.kind !== 'approve') continue;
          const keys = new Set(votes.map((vote) => `${vote.by.team}/${vote.by.user}`));
          assert.ok(keys.size >= own.approvals, 'distinct people');
          for (const vote of votes) {
            assert.ok(mayApprove(request.policy, ana, vote.by), 'each of them an approver');
            assert.equal(vote.digest, request.digest);
            assert.equal(vote.revision, 1);
          }
          return;
        }
      }),
    );
  });
});

describe('reading a signal', () => {
  it('takes a decision as it was sent', () => {
    assert.deepEqual(parseDecision(JSON.parse(JSON.stringify(decision()))), decision());
  });

  const malformed = [
    undefined,
    null,
    'approve',
    7,
    [],
    {},
    { ...decision(), kind: 'maybe' },
    { ...decision(), by: null },
  ];
  for (const payload of malformed) {
    it(`leaves ${JSON.stringify(payload) ?? 'undefined'} aside`, () =>
      assert.equal(parseDecision(payload), undefined));
  }

  it('never throws on anything that JSON can carry', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void parseDecision(value)));
  });
});
