import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Decision } from '../../src/approval/decision.js';
import { parseDecision } from '../../src/approval/decision.js';
import { type Judged, judge } from '../../src/approval/judge.js';
import { mayApprove, policyFor } from '../../src/approval/policy.js';
import { planItem } from '../support/requests.js';
import { ana, ben, chloe, decision, policyWith } from '../support/samples.js';

/** Slack's word on somebody of the workspace. */
const known = { person: { teams: ['T1', 'E1'] } };

function itemUnder(own: Parameters<typeof policyWith>[0], votes: Decision[] = []): Judged {
  return { item: planItem({ policy: policyWith(own), votes }), revision: 1, requester: ana };
}

function refusalOf(judged: Judged, given: Decision): string {
  const judgement = judge(judged, given, known);
  return judgement.accepted ? 'accepted' : judgement.refusal.reason;
}

describe('who may approve', () => {
  const rules = [
    { policy: {}, by: ana, may: true, why: 'the requester, without a policy' },
    { policy: {}, by: ben, may: false, why: 'nobody else, without a policy' },
    {
      policy: { approvers: ['anyone'] },
      by: ben,
      may: true,
      why: 'anyone whom Slack knows, where the policy says so',
    },
    { policy: { approvers: ['UBEN'] }, by: ben, may: true, why: 'a named user' },
    { policy: { approvers: ['UBEN'] }, by: chloe, may: false, why: 'not a user who is not named' },
    { policy: { approvers: ['UBEN'] }, by: ana, may: false, why: 'not the requester, when others are named' },
    {
      policy: { approvers: ['UBEN'] },
      by: { team: 'TOTHER', user: 'UBEN' },
      slack: { person: { teams: ['TOTHER'] } },
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
  for (const { policy, by, may, why, slack = known } of rules) {
    it(why, () => assert.equal(mayApprove(policyWith(policy), ana, by, slack), may));
  }

  it('overrides the default in a channel, key by key', () => {
    const book = { default: policyWith({ approvals: 2 }), channels: { C1: { approvers: ['UBEN'] } } };
    assert.deepEqual(policyFor(book, 'C1'), policyWith({ approvals: 2, approvers: ['UBEN'] }));
    assert.deepEqual(policyFor(book, 'C2'), policyWith({ approvals: 2 }));
  });
});

describe('judging a click', () => {
  it('releases the run at the last approval that the policy asks for', () => {
    const policy = { approvers: ['anyone'], approvals: 2 };
    const first = judge(itemUnder(policy), decision({ by: ben }), known);
    assert.ok(first.accepted);
    assert.equal(first.verdict, undefined);
    const second = judge(itemUnder(policy, first.votes), decision({ by: chloe }), known);
    assert.ok(second.accepted);
    assert.equal(second.verdict?.kind, 'approve');
    assert.deepEqual(
      second.verdict?.votes.map((vote) => vote.by),
      [ben, chloe],
    );
  });

  it('counts a person once', () => {
    const judged = itemUnder({ approvers: ['anyone'], approvals: 2 }, [decision({ by: ben })]);
    assert.equal(refusalOf(judged, decision({ by: ben })), 'already-voted');
    const byOrganization = { team: 'E1', user: 'UBEN' };
    assert.equal(refusalOf(judged, decision({ by: byOrganization })), 'already-voted', 'under any team id');
  });

  it('ends the request at the first reject', () => {
    const judged = itemUnder({ approvers: ['anyone'], approvals: 3 }, [decision({ by: ben })]);
    const judgement = judge(judged, decision({ by: chloe, kind: 'reject', note: 'no' }), known);
    assert.ok(judgement.accepted);
    assert.equal(judgement.verdict?.kind, 'reject');
  });

  it('lets the requester withdraw or change what only others may approve', () => {
    const judged = itemUnder({ approvers: ['UBEN'] });
    assert.equal(refusalOf(judged, decision({ kind: 'reject' })), 'accepted');
    assert.equal(refusalOf(judged, decision({ kind: 'changes', note: 'shorter' })), 'accepted');
    assert.equal(refusalOf(judged, decision()), 'not-an-approver');
  });

  const refused = [
    { given: { revision: 0 }, reason: 'stale-revision' },
    { given: { items: [{ id: 'plan', digest: 'e'.repeat(64) }] }, reason: 'wrong-digest' },
    { given: { items: [{ id: '1', digest: 'd'.repeat(64) }] }, reason: 'wrong-digest' },
    { given: { kind: 'answer' as const, choice: 'stop' }, reason: 'not-offered' },
    { given: { by: ben }, reason: 'not-an-approver' },
  ];
  for (const { given, reason } of refused) {
    it(`refuses a click with ${JSON.stringify(given)}: ${reason}`, () => {
      assert.equal(refusalOf(itemUnder({}), decision(given)), reason);
    });
  }

  it('says four eyes to the requester who may not approve', () => {
    assert.equal(refusalOf(itemUnder({ requesterMayApprove: false }), decision()), 'four-eyes');
  });

  it('never releases what the policy forbids, whatever is clicked in whatever order', () => {
    const people = fc.constantFrom(ana, ben, chloe, { team: 'E1', user: 'UBEN' });
    const click = fc.record({
      by: people,
      kind: fc.constantFrom('approve' as const, 'reject' as const, 'changes' as const),
      revision: fc.integer({ min: 0, max: 2 }),
      items: fc.constantFrom('d', 'e').map((hex) => [{ id: 'plan', digest: hex.repeat(64) }]),
    });
    const policy = fc.record({
      approvers: fc.subarray(['requester', 'anyone', 'UBEN', 'UCHLOE'], { minLength: 1 }),
      approvals: fc.integer({ min: 1, max: 3 }),
      requesterMayApprove: fc.boolean(),
    });
    fc.assert(
      fc.property(policy, fc.array(click, { maxLength: 12 }), (own, clicks) => {
        const judged = itemUnder(own);
        const { item } = judged;
        for (const given of clicks) {
          const judgement = judge(judged, decision(given), known);
          if (!judgement.accepted) continue;
          item.votes = judgement.votes;
          if (judgement.verdict?.kind !== 'approve') continue;
          const keys = new Set(item.votes.map((vote) => vote.by.user));
          assert.ok(keys.size >= own.approvals, 'distinct people');
          for (const vote of item.votes) {
            assert.ok(mayApprove(item.policy, ana, vote.by, known), 'each of them an approver');
            assert.equal(vote.items[0]?.digest, item.digest);
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
    { ...decision(), items: [] },
    { ...decision(), items: [{ id: 'plan' }] },
  ];
  for (const payload of malformed) {
    it(`leaves ${JSON.stringify(payload) ?? 'undefined'} aside`, () =>
      assert.equal(parseDecision(payload), undefined));
  }

  it('never throws on anything that JSON can carry', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void parseDecision(value)));
  });
});
