import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Decision } from '../../src/approval/decision.js';
import { parseDecision } from '../../src/approval/decision.js';
import type { ApprovalRequest, Evidence } from '../../src/approval/judge.js';
import { editedPlan, judge, needsEvidence, stillCounting } from '../../src/approval/judge.js';
import { type Person, samePerson } from '../../src/approval/person.js';
import {
  type ApprovalPolicy,
  escalated,
  type GroupMembers,
  groupsIn,
  impossible,
  mayApprove,
} from '../../src/approval/policy.js';
import { ana, ben, chloe, decision, plan, policyWith } from '../support/samples.js';

const dev: Person = { team: 'T1', user: 'UDEV' };
const stranger: Person = { team: 'T2', user: 'UBEN' };
const GROUP = ['SREVIEW'];
const members: GroupMembers = { SREVIEW: ['UBEN', 'UCHLOE'] };

function requestUnder(own: Partial<ApprovalPolicy>, more: Partial<ApprovalRequest> = {}): ApprovalRequest {
  const policy = policyWith(own);
  return { id: 'request-1', revision: 1, digest: 'd'.repeat(64), requester: ana, policy, plan, ...more };
}

function outcomeOf(
  request: ApprovalRequest,
  given: Partial<Decision>,
  evidence: Evidence = { groups: members },
  votes: Decision[] = [],
): string {
  const judgement = judge(request, votes, decision(given), evidence);
  if (!judgement.accepted) return judgement.refusal.reason;
  return judgement.verdict?.kind ?? 'waits';
}

describe('a user group', () => {
  const rules: {
    why: string;
    policy: Partial<ApprovalPolicy>;
    by: Person;
    groups?: GroupMembers;
    is: string;
  }[] = [
    { why: 'lets a member approve', policy: { approvers: GROUP }, by: ben, is: 'approve' },
    { why: 'lets nobody else approve', policy: { approvers: GROUP }, by: dev, is: 'not-an-approver' },
    {
      why: 'counts its members of our team alone',
      policy: { approvers: GROUP },
      by: stranger,
      is: 'not-an-approver',
    },
    {
      why: 'stays shut when Slack can’t say who is in it',
      policy: { approvers: GROUP },
      by: ben,
      groups: { SREVIEW: null },
      is: 'unsure',
    },
    {
      why: 'stays shut when nobody asked',
      policy: { approvers: GROUP },
      by: ben,
      groups: {},
      is: 'not-an-approver',
    },
    {
      why: 'doesn’t shut out who is named beside it',
      policy: { approvers: ['SREVIEW', 'UDEV'] },
      by: dev,
      groups: { SREVIEW: null },
      is: 'approve',
    },
    {
      why: 'doesn’t let the requester in under four eyes, though a member',
      policy: { approvers: GROUP, requesterMayApprove: false },
      by: ana,
      groups: { SREVIEW: ['UANA'] },
      is: 'four-eyes',
    },
    {
      why: 'lets the requester in, as a member, without four eyes',
      policy: { approvers: GROUP },
      by: ana,
      groups: { SREVIEW: ['UANA'] },
      is: 'approve',
    },
    {
      why: 'is read by the team that the policy is of, not the requester’s',
      policy: { approvers: GROUP, team: 'T2' },
      by: stranger,
      is: 'approve',
    },
  ];
  for (const { why, policy, by, groups = members, is } of rules) {
    it(why, () => assert.equal(outcomeOf(requestUnder(policy), { by }, { groups }), is));
  }

  it('is looked up only where it matters', () => {
    assert.equal(needsEvidence(requestUnder({})), false);
    assert.equal(needsEvidence(requestUnder({ approvers: ['UBEN'] })), false);
    assert.equal(needsEvidence(requestUnder({ approvers: GROUP })), true);
    assert.equal(needsEvidence(requestUnder({ approvers: ['anyone'] })), true);
  });

  it('takes an approval back when its member is one no longer', () => {
    const request = requestUnder({ approvers: GROUP, approvals: 2 });
    const votes = [decision({ by: ben }), decision({ by: chloe })];
    const { counting, lost } = stillCounting(request, votes, { SREVIEW: ['UCHLOE'] });
    assert.deepEqual([counting.map(({ by }) => by), lost.map(({ by }) => by)], [[chloe], [ben]]);
  });
});

describe('somebody of another team', () => {
  it('is an approver only where the policy names both their ids', () => {
    assert.ok(mayApprove(policyWith({ approvers: ['T2/UBEN'] }), ana, stranger));
    assert.ok(!mayApprove(policyWith({ approvers: ['T2/UBEN'] }), ana, ben));
    assert.ok(!mayApprove(policyWith({ approvers: ['UBEN'] }), ana, stranger));
  });
});

describe('where anyone may approve', () => {
  const request = requestUnder({ approvers: ['anyone'] });
  for (const [person, is] of [
    ['known', 'approve'],
    ['unknown', 'unknown-person'],
    ['unsure', 'unsure'],
  ] as const) {
    it(`a click of somebody ${person} to Slack: ${is}`, () =>
      assert.equal(outcomeOf(request, { by: dev }, { groups: {}, person }), is));
  }
});

describe('an edit', () => {
  const steps = [{ title: 'Ask the team', detail: '' }];
  const edit = { kind: 'edit' as const, steps };

  it('ends the request with a revision of its own, and approves nothing', () => {
    assert.equal(outcomeOf(requestUnder({ approvers: GROUP }), { ...edit, by: ben }), 'edit');
  });

  it('is for approvers: the requester who is none asks for changes instead', () => {
    assert.equal(outcomeOf(requestUnder({ approvers: GROUP }), { ...edit, by: ana }), 'not-an-approver');
    assert.equal(outcomeOf(requestUnder({ approvers: GROUP }), { kind: 'changes', by: ana }), 'changes');
  });

  it('shuts its author out under four eyes, and not without', () => {
    const editors = [ben];
    const strict = requestUnder({ approvers: GROUP, requesterMayApprove: false }, { editors });
    assert.equal(outcomeOf(strict, { by: ben }), 'edited');
    assert.equal(outcomeOf(strict, { by: chloe }), 'approve');
    assert.equal(outcomeOf(strict, { by: ben, kind: 'reject' }), 'reject', 'an editor may still reject');
    assert.equal(outcomeOf(requestUnder({ approvers: GROUP }, { editors }), { by: ben }), 'approve');
  });

  const wrong = [
    { steps: [], what: 'at least one step' },
    { steps: plan.steps, what: 'nothing was changed' },
    { steps: [{ title: ' ', detail: 'x' }], what: 'needs a title' },
    { steps: [{ title: 't'.repeat(301), detail: '' }], what: 'at most 300' },
    { steps: [{ title: 't', detail: 'd'.repeat(3001) }], what: 'at most 3000' },
    { steps: Array.from({ length: 51 }, () => ({ title: 't', detail: '' })), what: 'at most 50 steps' },
  ];
  for (const { steps: given, what } of wrong) {
    it(`is refused when it is wrong: ${what}`, () => {
      const edited = editedPlan(plan, given);
      assert.ok('wrong' in edited && edited.wrong.includes(what), JSON.stringify(edited));
      assert.equal(outcomeOf(requestUnder({}), { kind: 'edit', steps: given }), 'bad-edit');
    });
  }

  it('leaves the rest of the plan as it was', () => {
    const edited = editedPlan(plan, steps);
    assert.deepEqual(edited, { plan: { ...plan, steps } });
  });

  it('keeps a step that was too long before', () => {
    const long = { title: 'l', detail: 'd'.repeat(9_000) };
    assert.ok('plan' in editedPlan({ ...plan, steps: [long] }, [long, { title: 'more', detail: '' }]));
  });
});

describe('an extension', () => {
  it('is for approvers, and changes neither the votes nor the verdict', () => {
    const request = requestUnder({ approvers: ['UBEN'], approvals: 1 });
    assert.equal(outcomeOf(request, { kind: 'extend', by: ben }), 'waits');
    assert.equal(outcomeOf(request, { kind: 'extend', by: ana }), 'not-an-approver');
    const judgement = judge(request, [], decision({ kind: 'extend', by: ben }));
    assert.deepEqual(judgement, { accepted: true, votes: [], verdict: undefined });
  });
});

describe('a policy that nobody could meet', () => {
  const policies: [Partial<ApprovalPolicy>, boolean][] = [
    [{}, false],
    [{ approvals: 2 }, true],
    [{ requesterMayApprove: false }, true],
    [{ approvers: ['UBEN', 'UBEN'], approvals: 2 }, true],
    [{ approvers: ['UBEN', 'requester'], approvals: 2 }, false],
    [{ approvers: ['UBEN', 'requester'], approvals: 2, requesterMayApprove: false }, true],
    [{ approvers: ['anyone'], approvals: 9 }, false],
    [{ approvers: ['SREVIEW'], approvals: 9 }, false],
    [{ approvers: ['UBEN'], approvals: 2, escalate: { afterMs: 1, to: ['UCHLOE'] } }, false],
  ];
  for (const [own, never] of policies) {
    it(`${never ? 'is told' : 'is another one than'} ${JSON.stringify(own)}`, () =>
      assert.equal(impossible(policyWith(own)) !== undefined, never));
  }

  it('names its groups, and those that it may escalate to', () => {
    const book = {
      default: policyWith({ approvers: ['SA'] }),
      channels: { C1: { escalate: { afterMs: 1, to: ['SB', 'UBEN'] } }, C2: { approvers: ['SC', 'SA'] } },
    };
    assert.deepEqual(groupsIn(book), ['SA', 'SB', 'SC']);
  });
});

describe('whatever is sent, in whatever order', () => {
  const people = fc.constantFrom(ana, ben, chloe, dev, stranger, { team: 'T1', user: 'UFORGED' });
  const steps = fc.array(fc.record({ title: fc.string(), detail: fc.string() }), { maxLength: 3 });
  const groupsNow = fc.constantFrom<GroupMembers>(
    { SREVIEW: ['UBEN', 'UCHLOE'] },
    { SREVIEW: ['UBEN'] },
    { SREVIEW: [] },
    { SREVIEW: null },
  );
  const sent = fc.record({
    by: people,
    kind: fc.constantFrom<Decision['kind']>('approve', 'reject', 'changes', 'edit', 'extend'),
    request: fc.constantFrom('request-1', 'request-2', 'another'),
    revision: fc.integer({ min: 0, max: 3 }),
    digest: fc.constantFrom('d'.repeat(64), 'e'.repeat(64)),
    steps,
    groups: groupsNow,
    person: fc.constantFrom<NonNullable<Evidence['person']>>('known', 'unknown', 'unsure'),
  });
  const policies = fc.record({
    approvers: fc.subarray(['requester', 'anyone', 'UBEN', 'UDEV', 'SREVIEW', 'T2/UBEN'], { minLength: 1 }),
    approvals: fc.integer({ min: 1, max: 3 }),
    requesterMayApprove: fc.boolean(),
    escalate: fc.constant<{ afterMs: number; to: string[] }>({ afterMs: 1, to: ['UCHLOE'] }),
  });

  it('nothing runs that the policy forbids: votes, changes, edits, late and forged signals', () => {
    fc.assert(
      fc.property(
        policies,
        fc.array(sent, { maxLength: 25 }),
        fc.nat({ max: 25 }),
        (own, signals, escalatedAt) => {
          let policy: ApprovalPolicy = policyWith(own);
          let request: ApprovalRequest = requestUnder(own, { policy });
          let votes: Decision[] = [];
          const editors: Person[] = [];
          for (const [index, { groups, person, ...given }] of signals.entries()) {
            if (index === escalatedAt) {
              policy = escalated(policy);
              request = { ...request, policy };
            }
            const asked = policy.approvers.includes('anyone') ? { person } : {};
            const judgement = judge(request, votes, decision(given), { groups, ...asked });
            if (!judgement.accepted) continue;
            // As the gate does before it releases: the groups once more, for all who have approved.
            votes = stillCounting(request, judgement.votes, groups).counting;
            const { verdict } = judgement;
            if (!verdict || (verdict.kind === 'approve' && votes.length < policy.approvals)) continue;
            if (verdict.kind === 'reject') return;
            if (verdict.kind === 'approve') {
              const distinct = new Set(votes.map(({ by }) => `${by.team}/${by.user}`));
              assert.ok(distinct.size >= policy.approvals, 'as many distinct people as the policy asks for');
              for (const vote of votes) {
                assert.equal(vote.request, request.id);
                assert.equal(vote.revision, request.revision);
                assert.equal(vote.digest, request.digest);
                assert.ok(mayApprove(policy, ana, vote.by, groups), 'each of them an approver just now');
                if (own.requesterMayApprove) continue;
                assert.ok(!samePerson(vote.by, ana), 'never who asked, under four eyes');
                assert.ok(!editors.some((editor) => samePerson(editor, vote.by)), 'nor who edited');
              }
              return;
            }
            if (verdict.kind === 'edit') {
              assert.ok(mayApprove(policy, ana, given.by, groups), 'only an approver edits');
              editors.push(given.by);
            }
            // The next revision: a request of its own, without votes, under the policy as it was at first.
            policy = policyWith(own);
            const revision = request.revision + 1;
            votes = [];
            request = { ...request, id: `request-${revision}`, revision, policy, editors: [...editors] };
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('is read without a word of it trusted: an edit needs its steps, a moment must be one', () => {
    assert.equal(parseDecision({ ...decision(), kind: 'edit' }), undefined);
    assert.equal(
      parseDecision({ ...decision(), kind: 'edit', steps: [{ title: 7, detail: '' }] }),
      undefined,
    );
    assert.equal(parseDecision({ ...decision(), at: 'yesterday-ish' }), undefined);
    assert.deepEqual(parseDecision({ ...decision(), slackAt: 'never', steps: 'x' }), decision());
    const edit = decision({ kind: 'edit', steps: [{ title: 'a', detail: 'b' }] });
    assert.deepEqual(parseDecision({ ...edit, steps: [{ title: 'a', detail: 'b', more: 1 }] }), edit);
  });
});
